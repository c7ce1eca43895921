#include "milter/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <string_view>

#include "auth/report.h"
#include "base/result.h"
#include "dmarc/policy.h"
#include "milter/log_line.h"
#include "milter/outcome.h"

namespace postseal::milter {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

// In seconds: from a message that needs no lookup to the default deadline.
const Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                                              0.2,    0.5,   1,     2,     5,    10,   20,   60};

Family<Counter>& MakeCounters(Registry* registry, const std::string& name,
                              const std::string& help) {
  return BuildCounter().Name(name).Help(help).Register(*registry);
}

}  // namespace

struct Metrics::Families {
  std::shared_ptr<Registry> registry = std::make_shared<Registry>();
  Family<Counter>& messages = MakeCounters(registry.get(), "postseal_messages_total",
                                           "Messages, by what was done and what the MTA was told.");
  Family<Counter>& results =
      MakeCounters(registry.get(), "postseal_results_total",
                   "Results of verified messages, by method: RFC 8601's words.");
  Family<Counter>& dispositions =
      MakeCounters(registry.get(), "postseal_dmarc_dispositions_total",
                   "What DMARC policies asked for, of messages that failed.");
  Counter& signatures =
      MakeCounters(registry.get(), "postseal_signatures_total", "DKIM signatures made.").Add({});
  Counter& forged = MakeCounters(registry.get(), "postseal_forged_results_total",
                                 "Authentication-Results fields removed, that claimed to be ours.")
                        .Add({});
  Counter& errors = MakeCounters(registry.get(), "postseal_errors_total",
                                 "Messages for which something of ours did not work.")
                        .Add({});
  Counter& lookups =
      MakeCounters(registry.get(), "postseal_lookups_total", "DNS lookups that messages needed.")
          .Add({});
  Counter& expiries = MakeCounters(registry.get(), "postseal_deadlines_passed_total",
                                   "Messages whose lookups did not end in time.")
                          .Add({});
  Counter& faults = MakeCounters(registry.get(), "postseal_protocol_faults_total",
                                 "Connections closed because the MTA broke the protocol.")
                        .Add({});
  Family<Counter>& reloads = MakeCounters(registry.get(), "postseal_reloads_total",
                                          "Reloads of the configuration, by outcome.");
  Gauge& last_reload =
      BuildGauge()
          .Name("postseal_config_last_reload_successful")
          .Help(
              "Whether the configuration in use is that of the files: 1, or 0 after a bad reload.")
          .Register(*registry)
          .Add({}, 1);
  Gauge& trust_anchor =
      BuildGauge()
          .Name("postseal_trust_anchor_broken")
          .Help("Whether answers of the name servers cannot be validated with TrustAnchorFile: 1.")
          .Register(*registry)
          .Add({}, 0);
  Counter& connections_total =
      MakeCounters(registry.get(), "postseal_connections_total", "Connections of MTAs, ever.")
          .Add({});
  Gauge& connections = BuildGauge()
                           .Name("postseal_connections")
                           .Help("Connections of MTAs, now.")
                           .Register(*registry)
                           .Add({});
  Histogram& seconds = BuildHistogram()
                           .Name("postseal_end_of_message_seconds")
                           .Help("From a message's end to the reply to it.")
                           .Register(*registry)
                           .Add({}, kSeconds);

  Family<Gauge>& store = BuildGauge()
                             .Name("postseal_store")
                             .Help(
                                 "The store: facts kept and refused since the start, octets "
                                 "that wait in the spool, rows, messages that lost detail, rows "
                                 "in dead_letters, rows deleted, and whether it fails now.")
                             .Register(*registry);

  void CountResult(std::string_view method, base::Result result) {
    results
        .Add({{"method", std::string(method)}, {"result", std::string(base::ResultName(result))}})
        .Increment();
  }
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::CountMessage(const MessageRecord& record) {
  const Outcome& outcome = *record.outcome;
  families_->messages
      .Add({{"role", std::string(RoleName(outcome.role))},
            {"action", std::string(ActionName(outcome.decision.action))}})
      .Increment();
  families_->seconds.Observe(static_cast<double>(record.microseconds_after_end) / 1e6);
  if (!outcome.signatures.empty()) {
    families_->signatures.Increment(static_cast<double>(outcome.signatures.size()));
  }
  if (!outcome.deletions.empty()) {
    families_->forged.Increment(static_cast<double>(outcome.deletions.size()));
  }
  if (!outcome.errors.empty()) families_->errors.Increment();
  if (record.report == nullptr) return;
  const auth::Report& report = *record.report;
  families_->lookups.Increment(static_cast<double>(report.spent.dns_queries));
  families_->CountResult("dkim", report.DkimResult());
  if (report.spf.has_value()) families_->CountResult("spf", report.spf->result);
  if (!report.dmarc.has_value()) return;
  families_->CountResult("dmarc", report.dmarc->result);
  if (report.dmarc->result == base::Result::kFail) {
    families_->dispositions
        .Add({{"disposition", std::string(dmarc::PolicyName(report.dmarc->disposition))}})
        .Increment();
  }
}

void Metrics::CountFault() { families_->faults.Increment(); }

void Metrics::CountConnection() {
  families_->connections_total.Increment();
  families_->connections.Increment();
}

void Metrics::CountDisconnection() { families_->connections.Decrement(); }

void Metrics::CountReload(bool is_good) {
  families_->reloads.Add({{"outcome", is_good ? "good" : "bad"}}).Increment();
  families_->last_reload.Set(is_good ? 1 : 0);
}

void Metrics::CountExpiry() { families_->expiries.Increment(); }

void Metrics::ShowTrustAnchor(bool is_broken) { families_->trust_anchor.Set(is_broken ? 1 : 0); }

void Metrics::ShowStore(const store::StoreStatus& status) {
  const auto show = [this](const char* what, double value) {
    families_->store.Add({{"what", what}}).Set(value);
  };
  show("appended", static_cast<double>(status.appended));
  show("refused", static_cast<double>(status.refused));
  show("spool_octets", static_cast<double>(status.spool_octets));
  show("rows", static_cast<double>(status.writer.rows));
  show("forwarded_rows", static_cast<double>(status.writer.forwarded_rows));
  show("reduced_messages", static_cast<double>(status.writer.reduced_messages));
  show("dead_letters", static_cast<double>(status.writer.dead_letters));
  show("dropped_rows", static_cast<double>(status.writer.dropped_rows));
  show("failing", status.error().ok() ? 0 : 1);
}

std::string Metrics::Print() const {
  return prometheus::TextSerializer().Serialize(families_->registry->Collect());
}

}  // namespace postseal::milter
