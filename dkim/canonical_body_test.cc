#include "dkim/canonical_body.h"

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "dkim/algorithm.h"
#include "dkim/canonical_body_kernel.h"
#include "dkim/canonical_body_reference.h"
#include "dkim/digest.h"
#include "dkim/random_body.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

constexpr BodyCanon kCanons[] = {BodyCanon::kSimple, BodyCanon::kRelaxed};

// Hash is the digest by |kernel| of a body given in |chunks|.
Digest Hash(BodyCanon canon, const BodyKernel& kernel,
            const std::vector<std::string_view>& chunks) {
  BodyHasher hasher(canon, HashAlgorithm::kSha256, kernel);
  for (const std::string_view chunk : chunks) hasher.Feed(chunk);
  hasher.Finish();
  return hasher.digest();
}

std::vector<std::string_view> ByteAtATime(std::string_view body) {
  std::vector<std::string_view> chunks;
  for (size_t i = 0; i < body.size(); ++i) chunks.push_back(body.substr(i, 1));
  return chunks;
}

std::vector<std::string_view> RandomChunks(std::mt19937& random, std::string_view body) {
  // Some bodies in small chunks, some in large ones; empty ones too.
  const size_t largest = size_t{1} << (random() % 12);
  std::vector<std::string_view> chunks;
  while (!body.empty()) {
    chunks.push_back(body.substr(0, random() % (largest + 1)));
    body.remove_prefix(chunks.back().size());
  }
  return chunks;
}

struct EdgeCase {
  std::string_view body;
  std::string_view simple;
  std::string_view relaxed;
  const char* why;
};

// The expectations are the texts of RFC 6376 §3.4.3 and §3.4.4 applied by hand.
constexpr EdgeCase kEdgeCases[] = {
    {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n", "RFC 6376 §3.4.5"},
    {"", "\r\n", "", "no body"},
    {"\r\n", "\r\n", "", "one empty line"},
    {"\r\n\r\n\r\n", "\r\n", "", "empty lines alone are all at the end"},
    {" ", " \r\n", "", "white space is gone before empty lines are"},
    {" \t\r\n \r\n", " \t\r\n \r\n", "", "lines of white space become empty lines"},
    {"a", "a\r\n", "a\r\n", "CRLF added"},
    {"a\r\n", "a\r\n", "a\r\n", "nothing to do"},
    {"a \r\n \r\n\t", "a \r\n \r\n\t\r\n", "a\r\n", "white space after the last CRLF"},
    {"\r\na", "\r\na\r\n", "\r\na\r\n", "empty lines before text stay"},
    {"a\r\n \r\n\r\nb", "a\r\n \r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n", "and between text"},
    {" a", " a\r\n", " a\r\n", "leading white space stays, as one SP"},
    {"\t\t a", "\t\t a\r\n", " a\r\n", "of whatever sort"},
    {"a\t\tb \t c", "a\t\tb \t c\r\n", "a b c\r\n", "runs become one SP"},
    {"a\r", "a\r\r\n", "a\r\r\n", "a bare CR at the end is text"},
    {"\r", "\r\r\n", "\r\r\n", "also alone"},
    {"\r\n\r", "\r\n\r\r\n", "\r\n\r\r\n", "also after an empty line"},
    {"a\r\r\n", "a\r\r\n", "a\r\r\n", "a bare CR before CRLF"},
    {"a \rb", "a \rb\r\n", "a \rb\r\n", "a bare CR ends no line"},
    {"a \r", "a \r\r\n", "a \r\r\n", "nor does one at the end of the body"},
    {"a  \r \r\n", "a  \r \r\n", "a \r\r\n", "white space around a bare CR"},
    {"\n", "\n\r\n", "\n\r\n", "a bare LF is text"},
    {"a \n\n\r\n\r\n", "a \n\n\r\n", "a \n\n\r\n", "and ends no line"},
    {"\n\r", "\n\r\r\n", "\n\r\r\n", "LF CR is no line end"},
    {"a\v\f\xa0 \r\n", "a\v\f\xa0 \r\n", "a\v\f\xa0\r\n", "WSP is SP and TAB, RFC 6376 §2.8"},
    {std::string_view("\0 \0", 3), std::string_view("\0 \0\r\n", 5),
     std::string_view("\0 \0\r\n", 5), "NUL is text"},
};

TEST(BodyHasherTest, EdgeCases) {
  for (const EdgeCase& c : kEdgeCases) {
    for (const BodyCanon canon : kCanons) {
      const std::string_view expected = canon == BodyCanon::kSimple ? c.simple : c.relaxed;
      EXPECT_EQ(ReferenceCanonicalBody(canon, c.body), expected) << c.why;
      for (const BodyKernel* const kernel : AvailableBodyKernels()) {
        EXPECT_EQ(Hash(canon, *kernel, {c.body}), Sha256(expected)) << c.why;
        EXPECT_EQ(Hash(canon, *kernel, ByteAtATime(c.body)), Sha256(expected)) << c.why;
      }
    }
  }
}

// The same cases where only a vector kernel sees them, at each place of a block.
TEST(BodyHasherTest, EdgeCasesAfterText) {
  for (const EdgeCase& c : kEdgeCases) {
    for (size_t before = 1; before <= kKernelBlock + kLookahead; ++before) {
      for (const size_t after : {size_t{0}, size_t{1}, 2 * kKernelBlock}) {
        const std::string body =
            std::string(before, 'x') + std::string(c.body) + std::string(after, 'y');
        for (const BodyCanon canon : kCanons) {
          const Digest expected = Sha256(ReferenceCanonicalBody(canon, body));
          for (const BodyKernel* const kernel : AvailableBodyKernels()) {
            EXPECT_EQ(Hash(canon, *kernel, {body}), expected)
                << kernel->name << " " << Name(canon) << " " << before << " " << c.why;
          }
        }
      }
    }
  }
}

// RFC 6376 §3.4.3 and §3.4.4 give these digests in base64.
TEST(BodyHasherTest, EmptyBody) {
  struct {
    BodyCanon canon;
    HashAlgorithm hash;
    std::string_view digest;
    uint64_t octets;
  } const cases[] = {
      {BodyCanon::kSimple, HashAlgorithm::kSha1,
       "\xba\x8a\xb5\xa0\x28\x0b\x95\x3a\xa9\x74\x35\xff\x89\x46\xcb\xcb\xb2\x75\x5a\x27", 2},
      {BodyCanon::kSimple, HashAlgorithm::kSha256,
       "\x7e\xb7\x02\x57\x59\x3d\xa0\x6f\x68\x2a\x3d\xdd\xa5\x4a\x9d\x26"
       "\x0d\x4f\xc5\x14\xf6\x45\x23\x7f\x5c\xa7\x4b\x08\xf8\xda\x61\xa6",
       2},
      {BodyCanon::kRelaxed, HashAlgorithm::kSha1,
       "\xda\x39\xa3\xee\x5e\x6b\x4b\x0d\x32\x55\xbf\xef\x95\x60\x18\x90\xaf\xd8\x07\x09", 0},
      {BodyCanon::kRelaxed, HashAlgorithm::kSha256,
       "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24"
       "\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55",
       0},
  };
  for (const auto& c : cases) {
    BodyHasher hasher(c.canon, c.hash);
    hasher.Finish();
    EXPECT_EQ(hasher.digest().view(), c.digest) << Name(c.canon) << " " << Name(c.hash);
    EXPECT_EQ(hasher.canonical_octets(), c.octets);
  }
}

TEST(BodyHasherTest, CutInTwoAnywhere) {
  std::mt19937 random(200);
  for (int round = 0; round < 60; ++round) {
    const std::string body = RandomBody(random, 150 + random() % 1200);
    for (const BodyCanon canon : kCanons) {
      const Digest expected = Sha256(ReferenceCanonicalBody(canon, body));
      for (const BodyKernel* const kernel : AvailableBodyKernels()) {
        for (size_t cut = 0; cut <= std::min<size_t>(200, body.size()); ++cut) {
          const std::string_view text = body;
          ASSERT_EQ(Hash(canon, *kernel, {text.substr(0, cut), text.substr(cut)}), expected)
              << kernel->name << " " << Name(canon) << " cut at " << cut << ": "
              << testing::PrintToString(body);
        }
      }
    }
  }
}

TEST(BodyHasherTest, AnyChunksOfAnyBody) {
  std::mt19937 random(6376);
  for (int round = 0; round < 1500; ++round) {
    const std::string body = RandomBody(random, random() % (round % 10 == 0 ? 30000 : 3000));
    for (const BodyCanon canon : kCanons) {
      const Digest expected = Sha256(ReferenceCanonicalBody(canon, body));
      for (const BodyKernel* const kernel : AvailableBodyKernels()) {
        ASSERT_EQ(Hash(canon, *kernel, {body}), expected)
            << kernel->name << " " << Name(canon) << ": " << testing::PrintToString(body);
        ASSERT_EQ(Hash(canon, *kernel, RandomChunks(random, body)), expected)
            << kernel->name << " " << Name(canon)
            << " in random chunks: " << testing::PrintToString(body);
        if (round % 10 != 1) continue;
        ASSERT_EQ(Hash(canon, *kernel, ByteAtATime(body)), expected)
            << kernel->name << " " << Name(canon)
            << " byte at a time: " << testing::PrintToString(body);
      }
    }
  }
}

// Each in one chunk, which is far above the buffer, and in several.
TEST(BodyHasherTest, LongRuns) {
  constexpr size_t kLong = 1 << 20;
  std::string line_ends;
  while (line_ends.size() < kLong) line_ends += "\r\n";
  for (const std::string& run :
       {std::string(kLong, 'x'), std::string(kLong, ' '), std::string(kLong, '\t'),
        std::string(kLong, '\r'), std::string(kLong, '\n'), line_ends}) {
    for (const std::string& body : {run, run + "a", "a" + run, "a" + run + "a"}) {
      for (const BodyCanon canon : kCanons) {
        const Digest expected = Sha256(ReferenceCanonicalBody(canon, body));
        for (const BodyKernel* const kernel : AvailableBodyKernels()) {
          const std::string_view text = body;
          EXPECT_EQ(Hash(canon, *kernel, {text}), expected) << kernel->name;
          EXPECT_EQ(Hash(canon, *kernel,
                         {text.substr(0, 65535), text.substr(65535, 65535), text.substr(131070)}),
                    expected)
              << kernel->name;
        }
      }
    }
  }
}

TEST(BodyHasherTest, CutsAroundEveryPiece) {
  std::mt19937 random(37);
  for (int round = 0; round < 300; ++round) {
    const std::string body = RandomBody(random, random() % 2000);
    for (const BodyCanon canon : kCanons) {
      const std::string canonical = ReferenceCanonicalBody(canon, body);
      BodyHasher hasher(canon, HashAlgorithm::kSha256);
      // The beginning, the end and one more, and places in between, unsorted.
      std::vector<uint64_t> cuts = {canonical.size() + 1, 0,         canonical.size(), 1,
                                    canonical.size() / 2, UINT64_MAX};
      for (int i = 0; i < 10; ++i) cuts.push_back(random() % (canonical.size() + 1));
      std::vector<size_t> indices;
      for (const uint64_t cut : cuts) indices.push_back(hasher.AddCut(cut).value());
      for (const std::string_view chunk : RandomChunks(random, body)) hasher.Feed(chunk);
      hasher.Finish();
      ASSERT_EQ(hasher.canonical_octets(), canonical.size());
      ASSERT_EQ(hasher.digest(), Sha256(canonical));
      for (size_t i = 0; i < cuts.size(); ++i) {
        std::optional<Digest> expected;
        if (cuts[i] <= canonical.size()) expected = Sha256(canonical.substr(0, cuts[i]));
        ASSERT_EQ(hasher.cut_digest(indices[i]), expected)
            << Name(canon) << " l=" << cuts[i] << ": " << testing::PrintToString(body);
      }
    }
  }
}

TEST(BodyHasherTest, EqualCutsAreShared) {
  BodyHasher hasher(BodyCanon::kSimple, HashAlgorithm::kSha256);
  const std::optional<size_t> five = hasher.AddCut(5);
  const std::optional<size_t> three = hasher.AddCut(3);
  EXPECT_NE(three, five);
  EXPECT_EQ(hasher.AddCut(5), five);
  EXPECT_EQ(hasher.AddCut(3), three);
}

TEST(BodyHasherTest, AtMostMaxCuts) {
  BodyHasher hasher(BodyCanon::kSimple, HashAlgorithm::kSha256);
  for (size_t i = 0; i < BodyHasher::kMaxCuts; ++i) ASSERT_TRUE(hasher.AddCut(i).has_value());
  EXPECT_EQ(hasher.AddCut(BodyHasher::kMaxCuts), std::nullopt);
  EXPECT_TRUE(hasher.AddCut(7).has_value()) << "an equal one is there";
  hasher.Feed(std::string(100, 'a'));
  hasher.Finish();
  EXPECT_EQ(hasher.cut_digest(7), Sha256("aaaaaaa"));
}

}  // namespace
}  // namespace postseal::dkim
