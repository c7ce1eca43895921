// load_client: sends messages through milters as Postfix does, and says how long it took.
#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bench/corpus.h"
#include "bench/milter/load.h"
#include "bench/milter/mail.h"
#include "nlohmann/json.hpp"

namespace postseal::bench {
namespace {

struct Arguments {
  LoadOptions load;
  size_t messages = 1000;
  std::vector<std::string> files;
  std::vector<std::string> expectations;
  std::string save;
  std::string author;
  bool interactive = false;
};

// CorpusMail is the message of 10 KB that other benchmarks use, without what a mail
// server would have added, written by |author|.
std::string CorpusMail(const std::string& author) {
  const std::string text = Message(24, HtmlBody());
  const size_t from = text.find("From: "), line_end = text.find("\r\n", from);
  return absl::StrCat("From: Example Post Office <", author, ">", text.substr(line_end));
}

absl::Status ReadArguments(Arguments& arguments) {
  for (const std::string& expectation : arguments.expectations) {
    const size_t equals = expectation.find('=');
    if (equals == std::string::npos) return absl::InvalidArgumentError("--expect NAME=TEXT");
    arguments.load.expectations.push_back(
        {expectation.substr(0, equals), expectation.substr(equals + 1)});
  }
  std::vector<std::string> texts;
  for (const std::string& path : arguments.files) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    texts.push_back(text.str());
  }
  if (texts.empty()) texts.push_back(CorpusMail(arguments.author));
  for (const std::string& text : texts) {
    absl::StatusOr<Mail> mail = ReadMail(text);
    if (!mail.ok()) return mail.status();
    arguments.load.mails.push_back(*std::move(mail));
  }
  return absl::OkStatus();
}

double Milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

nlohmann::json Percentiles(const std::vector<std::chrono::nanoseconds>& times) {
  return {{"p50", Milliseconds(Percentile(times, 50))},
          {"p99", Milliseconds(Percentile(times, 99))},
          {"max", Milliseconds(times.back())}};
}

// DeliverAndTell delivers |messages| and prints the figures as one line of JSON.
absl::Status DeliverAndTell(Load& load, size_t messages) {
  const absl::StatusOr<LoadResult> result = load.Deliver(messages);
  if (!result.ok()) return result.status();
  const nlohmann::json figures = {{"messages", messages},
                                  {"seconds", result->seconds},
                                  {"per_second", static_cast<double>(messages) / result->seconds},
                                  {"end_of_message_ms", Percentiles(result->end_of_message)},
                                  {"whole_ms", Percentiles(result->whole)}};
  std::cout << figures.dump() << std::endl;
  return absl::OkStatus();
}

absl::Status Save(const std::string& path, const Mail& mail) {
  if (path.empty()) return absl::OkStatus();
  std::ofstream file(path, std::ios::binary);
  file << WriteMail(mail);
  return file.flush() ? absl::OkStatus() : absl::UnavailableError("cannot write " + path);
}

absl::Status Run(Arguments& arguments) {
  absl::Status status = ReadArguments(arguments);
  if (!status.ok()) return status;
  if (arguments.load.filters.milters.empty()) {
    return Save(arguments.save, arguments.load.mails.front());
  }
  Load load(&arguments.load);
  if (!arguments.interactive) status = DeliverAndTell(load, arguments.messages);
  for (std::string line; arguments.interactive && status.ok() && std::getline(std::cin, line);) {
    size_t messages = 0;
    if (!absl::SimpleAtoi(line, &messages) || messages == 0) {
      return absl::InvalidArgumentError("not a number of messages");
    }
    status = DeliverAndTell(load, messages);
  }
  if (status.ok()) status = Save(arguments.save, load.last());
  return status.ok() ? load.Close() : status;
}

int Main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Sends messages through milters as Postfix 3.7 does, and prints JSON.");
  app.add_option(
      "--milter", arguments.load.filters.milters,
      "inet:PORT@ADDRESS or unix:PATH; several: one after the other; none: the message is "
      "saved as it is");
  app.add_option("--policy", arguments.load.filters.policy,
                 "the SMTPD policy service, asked at RCPT, its PREPEND taken");
  app.add_option("--connections", arguments.load.connections, "at the same time")
      ->check(CLI::Range(1, 10'000));
  app.add_option("--messages", arguments.messages, "in all")->check(CLI::Range(1, 100'000'000));
  app.add_option("--per-session", arguments.load.messages_per_session,
                 "messages before a session ends; 0: sessions are kept");
  app.add_option("--message", arguments.files, "files, CRLF; default: 10 KB of our own");
  app.add_option("--author", arguments.author, "of the default message")
      ->default_val("letters@example.com");
  app.add_option("--expect", arguments.expectations,
                 "NAME=TEXT: a field that each message must get");
  app.add_option("--client-address", arguments.load.envelope.client_address, "of CONNECT");
  app.add_option("--client-name", arguments.load.envelope.client_name, "of CONNECT");
  app.add_option("--helo", arguments.load.envelope.helo, "of HELO");
  app.add_flag("--no-delay", arguments.load.filters.no_delay, "TCP_NODELAY; Postfix has it off");
  app.add_option("--save", arguments.save, "where to write the last message as it came out");
  app.add_flag("--interactive", arguments.interactive,
               "reads numbers of messages, one a line, and delivers so many for each; sessions "
               "stay open till the end of standard input");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(arguments);
  if (status.ok()) return 0;
  std::cerr << "load_client: " << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace postseal::bench

int main(int argc, char** argv) { return postseal::bench::Main(argc, argv); }
