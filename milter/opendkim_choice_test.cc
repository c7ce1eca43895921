// Whom OpenDKIM signs for, and how, asked of OpenDKIM itself: it runs with the same
// tables, and miltertest hands it a message of each author.
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/sign_session.h"
#include "dns/address.h"
#include "gtest/gtest.h"
#include "milter/config_file.h"
#include "milter/signing_tables.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

struct Author {
  std::string_view local_part;
  std::string_view domain;
};

// Script is what miltertest does: it writes for each author the signatures that the filter makes,
// "SELECTOR DOMAIN IDENTITY;" each.
std::string Script(const std::vector<Author>& authors) {
  std::string script = R"lua(
out = io.open("out", "w")
function ask(author)
  local conn = mt.connect("unix:s", 200, 0.05)
  if conn == nil then error("the filter does not listen") end
  mt.conninfo(conn, "localhost", "127.0.0.1")
  mt.macro(conn, SMFIC_MAIL, "i", "q1")
  mt.mailfrom(conn, "<a@example>")
  mt.rcptto(conn, "<b@example>")
  mt.header(conn, "From", " " .. author)
  mt.header(conn, "Subject", " x")
  mt.eoh(conn)
  if mt.getreply(conn) == SMFIR_CONTINUE then
    mt.bodystring(conn, "x\r\n")
    mt.eom(conn)
    for n = 0, 9 do
      local field = mt.getheader(conn, "DKIM-Signature", n)
      if field == nil then break end
      field = string.gsub(field, "%s", "") .. ";"
      out:write(string.match(field, ";s=([^;]*)"), " ", string.match(field, ";d=([^;]*)"), " ",
                string.match(field, ";i=([^;]*)") or "-", ";")
    end
  end
  out:write("\n")
  mt.disconnect(conn)
end
)lua";
  for (const Author& author : authors) {
    absl::StrAppend(&script, "ask(\"", author.local_part, "@", author.domain, "\")\n");
  }
  return absl::StrCat(script, "out:close()\n");
}

class OpenDkimChoiceTest : public testing::Test {
 protected:
  // Ask returns what OpenDKIM does for |authors|, a line each, and leaves its
  // configuration in path_. |conf| is that of the test, in which FOLDER stands for the
  // test's.
  std::string Ask(std::string_view conf, const std::vector<Author>& authors) {
    folder_.Write("key", ReadTestFile("keys/rsa2048.pem"));
    folder_.Write("no_dns", "");
    // The path of a socket is short, so this is relative to where OpenDKIM starts.
    path_ = folder_.Write(
        "opendkim.conf",
        Replaced(absl::StrCat("Socket local:s\nBackground no\nMode s\nRequireSafeKeys no\n"
                              "TestPublicKeys FOLDER/no_dns\n",
                              conf),
                 "FOLDER", folder_.path()));
    folder_.Write("script.lua", Script(authors));
    // OpenDKIM takes five seconds to end in good order, and has nothing to lose.
    const std::string command = absl::StrCat(
        "cd ", folder_.path(), " || exit; /usr/sbin/opendkim -f -x opendkim.conf >log 2>&1 & ",
        "miltertest -s script.lua >>log 2>&1; result=$?; kill -KILL $!; wait; exit $result");
    EXPECT_EQ(std::system(command.c_str()), 0) << Read("log");  // NOLINT(*-env33-c)
    return Read("out");
  }

  // Compare asks both.
  void Compare(std::string_view conf, const std::vector<Author>& authors) {
    const std::string theirs = Ask(conf, authors);
    LoadedConfig loaded = ReadConfig(path_, Dialect::kOpenDkim);
    ASSERT_TRUE(loaded.ok);
    loaded.LoadKeys();
    std::string ours;
    for (const Author& author : authors) {
      for (const auth::SigningJob& job :
           loaded.signing.Choose(author.local_part, author.domain).jobs) {
        absl::StrAppend(&ours, job.request.selector, " ", job.request.domain, " ",
                        job.request.identity.value_or("-"), ";");
      }
      ours += "\n";
    }
    EXPECT_EQ(ours, theirs) << conf;
  }

  std::string Read(const std::string& name) const {
    std::ifstream file(folder_.path() + "/" + name);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  TestFolder folder_;
  std::string path_;
};

TEST_F(OpenDkimChoiceTest, ExactKeys) {
  std::string keys;
  for (int i = 0; i < 8; ++i) {
    absl::StrAppend(&keys, "k", i, " example.com:s", i, ":", folder_.path(), "/key\n");
  }
  folder_.Write("keys", keys);
  folder_.Write("signing",
                "* k0\nuser@* k1\n.com k2\n.example.com k3\nuser@.com k4\nuser@.example.com k5\n"
                "foo.example.com k6\nuser@foo.example.com k7\n");
  Compare("KeyTable FOLDER/keys\nSigningTable FOLDER/signing\n", {{"user", "foo.example.com"},
                                                                  {"other", "foo.example.com"},
                                                                  {"USER", "bar.EXAMPLE.com"},
                                                                  {"other", "bar.example.com"},
                                                                  {"other", "example.com"},
                                                                  {"user", "example.com"},
                                                                  {"user", "a.b.c.example.com"},
                                                                  {"user", "example.org"},
                                                                  {"other", "example.org"}});
}

TEST_F(OpenDkimChoiceTest, Patterns) {
  folder_.Write("keys", Replaced("k1 example.com:s1:FOLDER/key\n"
                                 "k2 example.com:s2:FOLDER/key\n"
                                 "any %:s3:FOLDER/key\n"
                                 "x.example x.example:s4:FOLDER/key\n",
                                 "FOLDER", folder_.path()));
  folder_.Write("signing",
                "*@a.example k1:@mail.example.com\n"
                "*@b.example k1:joe@other.example\n"
                "*@sub.example.com k1:sales@%\n"
                "*@Case.Example k1\n"
                "*@x.example %\n"
                "*@any.example any\n"
                "*@*.any.example any:@%\n"
                "j*@two.example k2\n"
                "*@two.example k1\n"
                "*@two.example k2\n"
                "nodomain.example k1\n"
                ".sub.example k1\n"
                "*@i.example k1:joe@EXAMPLE.com\n"
                "*@i2.example k1:@\n"
                "a*c@y.example k2\n");
  Compare("KeyTable FOLDER/keys\nSigningTable refile:FOLDER/signing\n", {{"a", "a.example"},
                                                                         {"a", "b.example"},
                                                                         {"a", "sub.example.com"},
                                                                         {"a", "case.example"},
                                                                         {"a", "CASE.EXAMPLE"},
                                                                         {"a", "X.example"},
                                                                         {"a", "any.example"},
                                                                         {"a", "q.any.example"},
                                                                         {"a", "two.example"},
                                                                         {"joe", "two.example"},
                                                                         {"a", "nodomain.example"},
                                                                         {"a", "q.sub.example"},
                                                                         {"a", "i.example"},
                                                                         {"a", "i2.example"},
                                                                         {"abc", "y.example"},
                                                                         {"abd", "y.example"},
                                                                         {"a", "none.example"}});
}

TEST_F(OpenDkimChoiceTest, OneKey) {
  Compare("Domain example.com,b.example\nSelector s\nKeyFile FOLDER/key\n",
          {{"a", "example.com"}, {"a", "B.example"}, {"a", "sub.example.com"}, {"a", "c.example"}});
  Compare("Domain *\nSelector s\nKeyFile FOLDER/key\n", {{"a", "example.com"}});
}

// Not compared: with SubDomains OpenDKIM adds "i=@DOMAIN", which is what i= is without being there
// (RFC 6376 §3.5); with MultipleSignatures and exact keys it takes the first and "*"
// alone, against its manual page; after "!HOST" it still looks at the address.
TEST_F(OpenDkimChoiceTest, InternalHosts) {
  for (const std::string_view hosts :
       {"127.0.0.1", "127.0.0.0/8", "192.0.2.1", "!127.0.0.1,127.0.0.0/8", "localhost",
        "localhost,!127.0.0.1", "LOCALHOST", "127.0.0.1,!127.0.0.0/8",
        "!127.0.0.0/8,127.0.0.0/16"}) {
    const std::string theirs =
        Ask(absl::StrCat("Domain example.com\nSelector s\nKeyFile FOLDER/key\nInternalHosts ",
                         hosts, "\n"),
            {{"a", "example.com"}});
    const LoadedConfig loaded = ReadConfig(path_, Dialect::kOpenDkim);
    const bool ours =
        loaded.config.internal_hosts.Matches(dns::IpAddress::Parse("127.0.0.1"), "localhost");
    EXPECT_EQ(ours, theirs != "\n") << hosts;
  }
}

}  // namespace
}  // namespace postseal::milter
