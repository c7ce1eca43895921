#include "dkim/canonical_body_kernel.h"

#include <cstdlib>
#include <random>
#include <string>

#include "dkim/algorithm.h"
#include "dkim/canonical_body_reference.h"
#include "dkim/random_body.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

// The relaxed form of a section: what the reference writes before the body ends.
std::string Expected(std::string_view section) {
  std::string out;
  ReferenceBodyCanonicalizer canonicalizer(BodyCanon::kRelaxed);
  canonicalizer.Feed(section, [&out](std::string_view piece) { out.append(piece); });
  return out;
}

// A section ends in neither WSP nor CRLF, and the reference holds a final CR.
std::string RandomSection(std::mt19937& random, size_t size) {
  return RandomBody(random, size) + "z";
}

// Compact drives |kernel| as BodyHasher does, with |room| octets of output a
// call, and checks what the calls promise.
std::string Compact(const BodyKernel& kernel, std::string_view section, size_t room) {
  constexpr char kGuard = '#';
  std::string out;
  while (section.size() >= kKernelBlock + kLookahead) {
    std::string buffer(room + 64, kGuard);
    const BodyKernel::Progress progress =
        kernel.compact(section.data(), section.size(), buffer.data(), room);
    EXPECT_GT(progress.taken, 0u);
    EXPECT_LE(progress.taken, section.size() - kLookahead);
    EXPECT_LE(progress.written, room);
    EXPECT_EQ(buffer.substr(room), std::string(64, kGuard)) << "wrote beyond the room";
    if (testing::Test::HasFailure()) return out;
    out.append(buffer, 0, progress.written);
    section.remove_prefix(progress.taken);
  }
  std::string last(section);
  last.resize(2 * kKernelBlock + kLookahead, '\0');
  std::string buffer(2 * kKernelBlock, kGuard);
  const BodyKernel::Progress progress =
      kernel.compact(last.data(), last.size(), buffer.data(), buffer.size());
  EXPECT_EQ(progress.taken, buffer.size());
  buffer.resize(progress.written);
  const size_t padding = 2 * kKernelBlock - section.size();
  EXPECT_EQ(buffer.substr(buffer.size() - padding), std::string(padding, '\0'));
  return out + buffer.substr(0, buffer.size() - padding);
}

TEST(BodyKernelTest, CompactEqualsReference) {
  for (const BodyKernel* const kernel : AvailableBodyKernels()) {
    std::mt19937 random(6376);
    for (int round = 0; round < 3000; ++round) {
      const std::string section = RandomSection(random, random() % 3000);
      const size_t room = kKernelBlock + random() % 1000;
      ASSERT_EQ(Compact(*kernel, section, room), Expected(section))
          << kernel->name << " round " << round << ": " << testing::PrintToString(section);
    }
  }
}

// Each four octets at each place of a block and over its edge.
TEST(BodyKernelTest, EveryPatternAtEveryPlace) {
  constexpr std::string_view kAlphabet = "a \t\r\n";
  for (size_t pattern = 0; pattern < 5 * 5 * 5 * 5; ++pattern) {
    std::string four;
    for (size_t i = 0, rest = pattern; i < 4; ++i, rest /= 5) four += kAlphabet[rest % 5];
    for (size_t place = 0; place <= kKernelBlock + kLookahead; ++place) {
      std::string section(2 * kKernelBlock + kLookahead, 'x');
      section.replace(place, four.size(), four);
      const std::string expected = Expected(section);
      for (const BodyKernel* const kernel : AvailableBodyKernels()) {
        ASSERT_EQ(Compact(*kernel, section, section.size()), expected)
            << kernel->name << " place " << place << ": " << testing::PrintToString(four);
      }
    }
  }
}

TEST(BodyKernelTest, CleanPrefixIsCanonical) {
  for (const BodyKernel* const kernel : AvailableBodyKernels()) {
    std::mt19937 random(3404);
    for (int round = 0; round < 3000; ++round) {
      const std::string section = std::string(random() % 300, 'x') + RandomSection(random, 400);
      const size_t clean = kernel->clean_prefix(section.data(), section.size());
      ASSERT_LE(clean, section.size() - kLookahead);
      ASSERT_EQ(section.substr(0, clean) + Expected(section.substr(clean)), Expected(section))
          << kernel->name << " round " << round << ": " << testing::PrintToString(section);
    }
  }
}

// Plain text is what must not be taken for unclean, nor be copied for long.
TEST(BodyKernelTest, PlainTextIsClean) {
  std::string text;
  while (text.size() < 4096)
    text += "Words with sin\xc3\xa7le spaces, and lines that end well.\r\n";
  text += "z";
  for (const BodyKernel* const kernel : AvailableBodyKernels()) {
    EXPECT_GT(kernel->clean_prefix(text.data(), text.size()),
              text.size() - kKernelBlock - kLookahead)
        << kernel->name;
    std::string buffer(text.size(), '#');
    EXPECT_EQ(kernel->compact(text.data(), text.size(), buffer.data(), buffer.size()).taken,
              kCleanRun)
        << kernel->name;
  }
}

TEST(BodyKernelTest, UncleanAnywhereEndsTheCleanPrefix) {
  for (const BodyKernel* const kernel : AvailableBodyKernels()) {
    for (const std::string_view unclean : {"\t", "  ", " \t", " \r\n"}) {
      for (size_t place = 0; place < 4 * kKernelBlock; ++place) {
        std::string section(6 * kKernelBlock, 'x');
        section.replace(place, unclean.size(), unclean);
        EXPECT_LE(kernel->clean_prefix(section.data(), section.size()), place) << kernel->name;
      }
    }
  }
}

TEST(BodyKernelTest, Choice) {
  const auto available = AvailableBodyKernels();
  EXPECT_EQ(available.back()->name, "scalar");
  for (const BodyKernel* const kernel : available) {
    EXPECT_EQ(&ChooseBodyKernel(kernel->name), kernel);
  }
  EXPECT_EQ(&ChooseBodyKernel(""), available.front());
  EXPECT_EQ(&ChooseBodyKernel("Scalar"), available.front());
}

TEST(BodyKernelTest, EnvironmentChoosesTheDefault) {
  ASSERT_EQ(setenv("POSTSEAL_CPU", "scalar", 1), 0);
  EXPECT_EQ(DefaultBodyKernel().name, "scalar");
}

}  // namespace
}  // namespace postseal::dkim
