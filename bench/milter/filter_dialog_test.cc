#include "bench/milter/filter_dialog.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/milter/mail.h"
#include "bench/milter/packet.h"
#include "bench/milter/protocol.h"
#include "gtest/gtest.h"

namespace postseal::bench {
namespace {

using std::string_literals::operator""s;

std::string Negotiation(uint32_t actions, uint32_t steps, std::string_view rest = "") {
  std::string data;
  AppendUint32(6, data);
  AppendUint32(actions, data);
  AppendUint32(steps, data);
  return data.append(rest);
}

// Negotiated is a dialog with a filter that has asked for |steps|.
FilterDialog Negotiated(uint32_t steps, std::string_view macro_lists = "") {
  FilterDialog dialog;
  std::string out;
  dialog.Negotiate(out);
  Mail mail;
  const absl::StatusOr<bool> done =
      dialog.Receive({kNegotiate, Negotiation(0x11, steps, macro_lists)}, mail);
  EXPECT_TRUE(done.ok() && *done);
  return dialog;
}

TEST(FilterDialog, OffersWhatPostfixOffers) {
  FilterDialog dialog;
  std::string out;
  dialog.Negotiate(out);
  EXPECT_EQ(out, "\0\0\0\x0DO\0\0\0\6\0\0\1\xFF\0\x1F\xFF\xFF"s);
}

TEST(FilterDialog, RefusesMoreThanWasOffered) {
  for (const std::string& data : {
           "\0\0\0\7"s + std::string(8, '\0'),  // a version to come
           Negotiation(0x200, 0),               // an action
           Negotiation(0, 0x200000),            // a step
           Negotiation(0, 0).substr(1),         // short
           Negotiation(0, 0, "\0\0\0\7i\0"s),   // macros of no stage
           Negotiation(0, 0, "\0\0\0\2i"s),     // no end
       }) {
    FilterDialog dialog;
    std::string out;
    dialog.Negotiate(out);
    Mail mail;
    EXPECT_FALSE(dialog.Receive({kNegotiate, data}, mail).ok());
  }
}

// The steps of a message, and whether each is sent and answered. Macros come first.
TEST(FilterDialog, HonoursWhatTheFilterAskedFor) {
  const struct {
    uint32_t steps;
    const char* sent;     // commands without macros
    const char* awaited;  // those whose answer is waited for
    const char* why;
  } kCases[] = {
      {0, "CHMRTLNBE", "CHMRTLNBE", "all steps, all answered"},
      {kNoConnect | kNoHelo | kNoMail | kNoRcpt | kNoData | kNoHeader | kNoEndOfHeader | kNoBody,
       "E", "E", "the end cannot be left out"},
      {kNoReplyConnect | kNoReplyHelo | kNoReplyMail | kNoReplyRcpt | kNoReplyData |
           kNoReplyHeader | kNoReplyEndOfHeader | kNoReplyBody,
       "CHMRTLNBE", "E", "nor can its answer"},
      {kNoHelo | kNoData | kNoReplyHeader, "CMRLNBE", "CMRNBE", "some of each"},
  };
  for (const auto& c : kCases) {
    FilterDialog dialog = Negotiated(c.steps);
    const Macros macros = {{"i", "1"}};
    std::string out, awaited;
    Mail mail;
    const auto take = [&](char command, bool waits) {
      if (!waits) return;
      awaited += command;
      const absl::StatusOr<bool> done = dialog.Receive({kContinue, ""}, mail);
      EXPECT_TRUE(done.ok() && *done) << c.why;
    };
    take('C', dialog.Connect(macros, "h", "192.0.2.1", out));
    take('H', dialog.Helo(macros, "h", out));
    take('M', dialog.MailFrom(macros, "<a@example>", out));
    take('R', dialog.RcptTo(macros, "<b@example>", out));
    take('T', dialog.Data(macros, out));
    take('L', dialog.Header({}, {"A", " b"}, out));
    take('N', dialog.EndOfHeader(macros, out));
    take('B', dialog.Body({}, "x", out));
    take('E', dialog.EndOfMessage(macros, out));
    PacketReader reader;
    reader.Add(out);
    std::string sent;
    for (auto packet = reader.Next(); packet.ok() && packet->has_value(); packet = reader.Next()) {
      if ((*packet)->command != kMacros) sent += (*packet)->command;
    }
    EXPECT_EQ(sent, c.sent) << c.why;
    EXPECT_EQ(awaited, c.awaited) << c.why;
  }
}

TEST(FilterDialog, WritesPacketsAsTheProtocolHasThem) {
  FilterDialog dialog = Negotiated(kLeadingSpace | kNoReplyMail | kNoReplyHeader);
  std::string out;
  dialog.MailFrom({{"i", "Q1"}, {"{mail_addr}", "a@b"}, {"j", "mx"}}, "<a@b>", out);
  EXPECT_EQ(out,
            "\0\0\0\x17"s
            "DMi\0Q1\0{mail_addr}\0a@b\0"s
            "\0\0\0\7M<a@b>\0"s);
  out.clear();
  dialog.Header({}, {"A", " b"}, out);
  EXPECT_EQ(out, "\0\0\0\2DL\0\0\0\6LA\0 b\0"s);
  out.clear();
  EXPECT_TRUE(dialog.Connect({}, "h", "2001:db8::1", out));
  EXPECT_EQ(out,
            "\0\0\0\2DC"s
            "\0\0\0\x12"s
            "Ch\0"s
            "6\x9C\x40"s
            "2001:db8::1\0"s);
}

TEST(FilterDialog, TakesTheSpaceAwayUnlessAskedNotTo) {
  FilterDialog dialog = Negotiated(kNoReplyHeader);
  std::string out;
  dialog.Header({}, {"A", "  b"}, out);
  EXPECT_EQ(out, "\0\0\0\2DL\0\0\0\6LA\0 b\0"s);
}

TEST(FilterDialog, SendsTheMacrosAskedFor) {
  FilterDialog dialog = Negotiated(0, "\0\0\0\2j {auth_type}\0\0\0\0\4\0"s);
  std::string out;
  dialog.MailFrom({{"i", "1"}, {"j", "mx"}, {"{auth_type}", "PLAIN"}}, "<>", out);
  EXPECT_EQ(out,
            "\0\0\0\x19"s
            "DMj\0mx\0{auth_type}\0PLAIN\0"s
            "\0\0\0\4M<>\0"s);
}

TEST(FilterDialog, SaysNoMoreOfWhatIsAccepted) {
  Mail mail;
  std::string out;
  FilterDialog dialog = Negotiated(0);
  ASSERT_TRUE(dialog.RcptTo({}, "<b@example>", out));
  ASSERT_TRUE(*dialog.Receive({kAccept, ""}, mail));
  EXPECT_FALSE(dialog.EndOfMessage({}, out));
  EXPECT_TRUE(dialog.MailFrom({}, "<>", out)) << "the next message";

  dialog = Negotiated(0);
  ASSERT_TRUE(dialog.Connect({}, "h", "192.0.2.1", out));
  ASSERT_TRUE(*dialog.Receive({kAccept, ""}, mail));
  EXPECT_FALSE(dialog.MailFrom({}, "<>", out)) << "the whole connection";
}

TEST(FilterDialog, SkipsTheRestOfABody) {
  Mail mail;
  std::string out;
  FilterDialog dialog = Negotiated(0);
  ASSERT_TRUE(dialog.Body({}, "x", out));
  ASSERT_TRUE(*dialog.Receive({kSkip, ""}, mail));
  out.clear();
  EXPECT_FALSE(dialog.Body({}, "y", out));
  EXPECT_TRUE(dialog.EndOfMessage({}, out));
  EXPECT_EQ(out, "\0\0\0\2DE\0\0\0\1E"s);
}

TEST(FilterDialog, EditsTheMailAtItsEnd) {
  Mail mail = *ReadMail("A: 1\r\nA: 2\r\nFrom: <a@example.com>\r\n\r\n");
  FilterDialog dialog = Negotiated(kLeadingSpace);
  std::string out;
  ASSERT_TRUE(dialog.EndOfMessage({}, out));
  for (const Packet& edit : std::vector<Packet>{{kProgress, ""},
                                                {kAddHeader, "Z\0 z\0"s},
                                                {kInsertHeader, "\0\0\0\0T\0 t\n\tu\0"s},
                                                {kInsertHeader, "\0\0\0\2Second\0x\0"s},
                                                {kChangeHeader, "\0\0\0\2a\0\0"s}}) {
    const absl::StatusOr<bool> done = dialog.Receive(edit, mail);
    ASSERT_TRUE(done.ok()) << done.status();
    EXPECT_FALSE(*done);
  }
  EXPECT_TRUE(*dialog.Receive({kAccept, ""}, mail));
  EXPECT_EQ(WriteMail(mail),
            "T: t\r\n\tu\r\nSecond:x\r\nA: 1\r\nFrom: <a@example.com>\r\nZ: z\r\n\r\n");
  EXPECT_TRUE(mail.fields.front().added);
  EXPECT_FALSE(mail.fields[2].added);
}

TEST(FilterDialog, PutsTheSpaceBackUnlessAskedNotTo) {
  Mail mail;
  FilterDialog dialog = Negotiated(0);
  std::string out;
  ASSERT_TRUE(dialog.EndOfMessage({}, out));
  ASSERT_TRUE(dialog.Receive({kAddHeader, "Z\0z\0"s}, mail).ok());
  EXPECT_EQ(mail.fields.front().value, " z");
}

TEST(FilterDialog, TakesAnythingElseForAFault) {
  const struct {
    char after;
    Packet answer;
    const char* why;
  } kCases[] = {
      {kMail, {'t', ""}, "deferred"},
      {kEndOfMessage, {'r', ""}, "refused"},
      {kEndOfMessage, {'y', "550 5.7.1 no\0"s}, "refused with a reply"},
      {kEndOfMessage, {'d', ""}, "discarded"},
      {kEndOfMessage, {kInsertHeader, "\0\0\0"s}, "no index"},
      {kEndOfMessage, {kInsertHeader, "\0\0\0\0A\0b"s}, "no end"},
      {kEndOfMessage, {kAddHeader, "A\0b\0c"s}, "more than name and value"},
      {kMail, {kAddHeader, "A\0b\0"s}, "an edit before the end"},
      {kMail, {kSkip, ""}, "skip without a body"},
      {kMail, {kContinue, "x"}, "data that does not belong there"},
      {0, {kContinue, ""}, "an answer to nothing"},
  };
  for (const auto& c : kCases) {
    FilterDialog dialog = Negotiated(0);
    std::string out;
    Mail mail;
    if (c.after == kMail) ASSERT_TRUE(dialog.MailFrom({}, "<>", out));
    if (c.after == kEndOfMessage) ASSERT_TRUE(dialog.EndOfMessage({}, out));
    EXPECT_FALSE(dialog.Receive(c.answer, mail).ok()) << c.why;
  }
}

}  // namespace
}  // namespace postseal::bench
