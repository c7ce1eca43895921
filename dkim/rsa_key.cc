#include "dkim/rsa_key.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "openssl/base.h"
#include "openssl/base64.h"
#include "openssl/bytestring.h"
#include "openssl/mem.h"
#include "openssl/rsa.h"

namespace postseal::dkim {

void RsaDeleter::operator()(rsa_st* key) const { RSA_free(key); }

std::string PrintRsaPublicKey(const rsa_st& key) {
  bssl::ScopedCBB der;
  CBB info;
  CBB algorithm;
  CBB part;
  CBB bits;
  uint8_t* octets = nullptr;
  size_t size = 0;
  // RFC 5280 §4.1.2.7; the parameters are NULL (RFC 3279 §2.3.1), and the bit
  // string has no unused bits.
  POSTSEAL_CHECK(
      CBB_init(der.get(), 512) != 0 && CBB_add_asn1(der.get(), &info, CBS_ASN1_SEQUENCE) != 0 &&
      CBB_add_asn1(&info, &algorithm, CBS_ASN1_SEQUENCE) != 0 &&
      CBB_add_asn1(&algorithm, &part, CBS_ASN1_OBJECT) != 0 &&
      CBB_add_bytes(&part, reinterpret_cast<const uint8_t*>(kRsaEncryptionOid.data()),
                    kRsaEncryptionOid.size()) != 0 &&
      CBB_add_asn1(&algorithm, &part, CBS_ASN1_NULL) != 0 &&
      CBB_add_asn1(&info, &bits, CBS_ASN1_BITSTRING) != 0 && CBB_add_u8(&bits, 0) != 0 &&
      RSA_marshal_public_key(&bits, &key) != 0 && CBB_finish(der.get(), &octets, &size) != 0);
  std::string out(reinterpret_cast<const char*>(octets), size);
  OPENSSL_free(octets);
  return out;
}

int BitLength(std::string_view magnitude) {
  while (!magnitude.empty() && magnitude.front() == '\0') magnitude.remove_prefix(1);
  if (magnitude.empty()) return 0;
  return static_cast<int>(magnitude.size() - 1) * 8 +
         std::bit_width(static_cast<uint8_t>(magnitude.front()));
}

std::string PrintBase64(std::string_view octets) {
  // EVP_EncodeBlock writes a NUL after the text, where std::string keeps its own.
  std::string text((octets.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<uint8_t*>(text.data()),
                  reinterpret_cast<const uint8_t*>(octets.data()), octets.size());
  return text;
}

}  // namespace postseal::dkim
