// Message: one message as it comes by: it is signed, verified or left alone.
//
// The host hands over what the MTA says of it, connects verification() with a
// resolver, and takes the Outcome when done(). No socket, thread or clock is used.
#ifndef POSTSEAL_MILTER_MESSAGE_H_
#define POSTSEAL_MILTER_MESSAGE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/envelope.h"
#include "auth/sign_session.h"
#include "auth/verify_session.h"
#include "mail/author.h"
#include "mail/message_reader.h"
#include "milter/forged_results.h"
#include "milter/outcome.h"
#include "milter/setup.h"
#include "milter/standing.h"

namespace postseal::milter {

// Transaction is what is known of a message before its header.
struct Transaction {
  std::shared_ptr<const Setup> setup;
  Standing standing;
  // In full, whoever the client is; which of it is evaluated is the standing's matter.
  auth::Envelope envelope;
  // Under which our results are written, without the job's id.
  std::string authserv_id;
  // The name that the client logged in with, for SigningLoginTable and the log; empty when
  // it did not, or the MTA does not say.
  std::string user;
};

// Grants is what the MTA lets us do to a message.
struct Grants {
  bool deletes = true;  // header fields
  bool quarantines = true;
};

class Message {
 public:
  // Message begins at MAIL FROM: for a client from outside, SPF is asked for at once.
  // |now| is in Unix seconds, here and below.
  Message(Transaction transaction, int64_t now);
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  // AddRecipient takes an address of RCPT TO, with or without angle brackets.
  void AddRecipient(std::string_view path);

  // AddField takes the next header field; |value| is every octet after the colon, with
  // an LF for a fold's CRLF.
  void AddField(std::string_view name, std::string_view value);

  // EndOfHeader decides what is done with the message.
  void EndOfHeader(int64_t now);

  // needs_body says whether Body changes anything: no signature covers the body
  // of a message that has and gets none. After EndOfHeader.
  bool needs_body() const { return needs_body_; }
  // needs_nothing says that the message can be let go as it is. After EndOfHeader.
  bool needs_nothing() const;

  // Body takes the next octets of the body, cut anywhere.
  void Body(std::string_view octets);

  // EndOfMessage ends it. A message without EndOfHeader has a header that ends here.
  void EndOfMessage(int64_t now);

  // verification is what asks for lookups; null when nothing is verified, and it may
  // become null, or be another, in EndOfHeader.
  const std::shared_ptr<auth::VerifySession>& verification() const { return verification_; }

  // done says that Finish may be called: after EndOfMessage, when all lookups that
  // count are answered or given up.
  bool done() const { return ended_ && (verification_ == nullptr || verification_->done()); }

  // Finish makes the outcome, once, and records the fact for reports. |job_id| is the
  // MTA's name of the message. What is not in |grants| is neither done nor told as done.
  // Requires done().
  Outcome Finish(std::string_view job_id, int64_t now, const Grants& grants);

  const Transaction& transaction() const { return transaction_; }

 private:
  void StartVerification(int64_t now);
  // RemovesForged says that what forged_ finds is deleted.
  bool RemovesForged() const;
  // Choose finds out whether the message of an own client is signed.
  void Choose(int64_t now);
  // MayBeSigned says whether a message of |from|, where SigningTable has a row for the first
  // author, may be signed, and notes why not.
  bool MayBeSigned(const mail::Authors& from);
  // RefuseForUs refuses, as On-InternalError says, for a fault of ours.
  void RefuseForUs(std::string_view because);
  bool StartSigning(SigningChoice choice, int64_t now);

  // NotePolicy notes that a trusted relay hands on what DMARC would refuse.
  void NotePolicy(const auth::Report& report);
  // NoteClaim notes that a stranger writes in the name of an author whom we sign for.
  void NoteClaim();
  void FinishSigned(Outcome* outcome);
  void FinishVerified(std::string_view job_id, Outcome* outcome);
  // FitToGrants takes out of |outcome| what the MTA did not grant.
  void FitToGrants(const Grants& grants, Outcome* outcome) const;
  void RecordFact(int64_t now, Outcome* outcome);
  void AddResultFields(const auth::Report& report, std::string_view job_id, Outcome* outcome);

  const Transaction transaction_;
  const Config& config_;
  ForgedResults forged_;
  // The header of a message that may be signed.
  mail::MessageReader header_;
  std::shared_ptr<auth::VerifySession> verification_;
  std::unique_ptr<auth::SignSession> signing_;
  std::vector<std::string> signatures_;
  std::vector<std::string> errors_;
  std::vector<std::string> notes_;
  Decision refusal_;
  Role role_ = Role::kLeftAlone;
  bool recipient_is_exempt_ = false;  // DontSignMailTo
  // DMARC is evaluated. Without a stranger's address this is by DKIM alone.
  bool evaluates_dmarc_;
  // Our own results say that DMARC did not pass when the message came by before.
  bool is_denied_ = false;
  bool needs_body_ = false;
  bool header_ended_ = false;
  bool ended_ = false;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_MESSAGE_H_
