// RsaPointer and the DER around RSA keys: what the files here that handle keys
// share. Not for users of the library.
#ifndef POSTSEAL_DKIM_RSA_KEY_H_
#define POSTSEAL_DKIM_RSA_KEY_H_

#include <memory>
#include <string>
#include <string_view>

// BoringSSL's RSA, named so that no header includes BoringSSL.
struct rsa_st;

namespace postseal::dkim {

// kMinRsaBits is the smallest modulus a signer may use and a verifier may
// accept, in bits. RFC 8301 §3.2
inline constexpr int kMinRsaBits = 1024;

// kMaxRsaBits is the largest modulus we compute with, in bits. Verifiers must
// take 4096 and may take more (RFC 8301 §3.2); the cost grows with the cube.
inline constexpr int kMaxRsaBits = 8192;

// RsaDeleter frees a key; BoringSSL zeroes all it frees.
struct RsaDeleter {
  void operator()(rsa_st* key) const;
};
using RsaPointer = std::unique_ptr<rsa_st, RsaDeleter>;

// kRsaEncryptionOid is 1.2.840.113549.1.1.1 (RFC 8017 appendix A.1) and
// kEd25519Oid 1.3.101.112 (RFC 8410 §3), as the contents of a DER OBJECT
// IDENTIFIER.
inline constexpr std::string_view kRsaEncryptionOid = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
inline constexpr std::string_view kEd25519Oid = "\x2b\x65\x70";

// PrintRsaPublicKey returns |key|'s public half as a SubjectPublicKeyInfo in
// DER, the form that key records hold (RFC 6376 appendix C).
std::string PrintRsaPublicKey(const rsa_st& key);

// BitLength is the length in bits of |magnitude|, a number in big-endian octets:
// 0 for zero.
int BitLength(std::string_view magnitude);

// PrintBase64 encodes |octets|, with padding, on one line.
std::string PrintBase64(std::string_view octets);

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_RSA_KEY_H_
