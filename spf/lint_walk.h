// LintWalk: the state of a lint, which goes from record to record.
#ifndef POSTSEAL_SPF_LINT_WALK_H_
#define POSTSEAL_SPF_LINT_WALK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "spf/address_count.h"
#include "spf/budget.h"
#include "spf/evaluation.h"
#include "spf/lint_code.h"
#include "spf/lint_record.h"
#include "spf/lint_report.h"
#include "spf/macro.h"
#include "spf/macro_expansion.h"
#include "spf/record.h"

namespace postseal::spf {

// VoidLookups counts lookups that find nothing, for a client of either family.
struct VoidLookups {
  size_t v4 = 0;
  size_t v6 = 0;
};

// LintNode is a record in a role. The record of a domain may have several.
struct LintNode {
  enum class State : uint8_t { kPending, kRecord, kNone, kUnusable, kFailed };
  // Edge is an include or redirect= that leads to another node.
  struct Edge {
    size_t node;
    std::string_view term;
    bool redirect;
  };

  dns::Name domain;
  std::string_view domain_text;  // |domain| in the arena
  RecordRole role;
  State state = State::kPending;
  const Record* record = nullptr;
  std::vector<Edge> edges;
  // Of this record alone.
  size_t terms = 0;
  VoidLookups void_lookups;
};

// LintWalk is what the coroutines of spf/lint.h share. It owns the nodes, which
// are found breadth first.
class LintWalk {
 public:
  // What is pointed to must outlive the walk. At most |max_queries| are asked for.
  LintWalk(const SpfOptions* options, size_t max_queries, base::Arena* arena,
           dns::Exchange* exchange)
      : options_(options), queries_left_(max_queries), arena_(arena), exchange_(exchange) {}
  LintWalk(const LintWalk&) = delete;
  LintWalk& operator=(const LintWalk&) = delete;

  base::Arena* arena() const { return arena_; }
  dns::Exchange* exchange() const { return exchange_; }
  const SpfOptions& options() const { return *options_; }
  size_t node_count() const { return nodes_.size(); }
  LintNode& node(size_t i) { return nodes_[i]; }
  AddressCount& addresses() { return addresses_; }
  const LintReport& report() const { return report_; }

  // Ask sends a query without waiting; false when there have been too many.
  bool Ask(const dns::Name& name, dns::Type type);

  // AddNode is the node of |domain| in |role|, whose record is asked for if it is
  // new; nullopt when there were too many queries.
  std::optional<size_t> AddNode(const dns::Name& domain, const RecordRole& role);

  // ReadRecord finds and looks at the record of node |i|; false without a usable one.
  bool ReadRecord(size_t i, const dns::Answer& answer);

  // TargetOf is the name that |domain_spec|, of |term| in node |i|, stands for;
  // nullopt, with a finding, where that depends on the message.
  std::optional<dns::Name> TargetOf(size_t i, const MacroString& domain_spec,
                                    std::string_view term);

  // Add adds a finding about node |i|; see AddFinding.
  void Add(size_t i, LintCode code, std::string_view place, std::string_view detail);
  // AddFailure adds that a lookup failed.
  void AddFailure(size_t i, std::string_view place, const dns::Name& name, dns::Type type);

  // Conclude computes what the whole tree comes to. After it report() is complete.
  void Conclude();

 private:
  // Total is what a record with all below it costs.
  struct Total {
    enum class State : uint8_t { kNew, kOpen, kDone };
    State state = State::kNew;
    size_t terms = 0;
    VoidLookups void_lookups;
  };

  std::optional<std::string_view> SelectText(size_t i, const dns::Answer& answer);
  void AddFault(size_t i, const Fault& fault);
  void AddWithText(size_t i, LintCode code, std::optional<size_t> offset, size_t size,
                   std::string_view clause, std::string text);
  void ConcludeEdges();
  void Count(size_t i, std::vector<Total>* totals);
  size_t OrderOf(std::string_view domain) const;

  const SpfOptions* options_;
  size_t queries_left_;
  base::Arena* arena_;
  dns::Exchange* exchange_;
  std::vector<LintNode> nodes_;
  AddressCount addresses_;
  LintReport report_;
};

// Implementation.

inline bool LintWalk::Ask(const dns::Name& name, dns::Type type) {
  if (queries_left_ == 0) {
    Add(0, LintCode::kIncomplete, "", "");
    return false;
  }
  --queries_left_;
  exchange_->Ask(dns::Query(name, type));
  return true;
}

inline std::optional<size_t> LintWalk::AddNode(const dns::Name& domain, const RecordRole& role) {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].domain == domain && nodes_[i].role.top == role.top &&
        nodes_[i].role.authorises == role.authorises) {
      return i;
    }
  }
  LintNode node;
  node.domain = domain;
  node.domain_text = arena_->Copy(domain.text());
  node.role = role;
  if (!nodes_.empty() && !Ask(domain, dns::Type::kTxt)) return std::nullopt;
  nodes_.push_back(node);
  // The root is there before anything can be found about it.
  if (nodes_.size() == 1) Ask(domain, dns::Type::kTxt);
  return nodes_.size() - 1;
}

// SelectText finds the one SPF record of |answer|. RFC 7208 §4.5
inline std::optional<std::string_view> LintWalk::SelectText(size_t i, const dns::Answer& answer) {
  LintNode& of = nodes_[i];
  of.state = answer.outcome == dns::Outcome::kTempError ? LintNode::State::kFailed
                                                        : LintNode::State::kNone;
  std::optional<std::string_view> selected;
  std::string_view selected_rdata;
  size_t octets = 0;
  bool no_space = false;
  size_t count = 0;
  for (const std::string_view rdata : answer.rdata) {
    const std::optional<std::string_view> text = dns::JoinTxt(rdata, arena_);
    if (!text.has_value()) continue;
    octets += text->size();
    if (IsSpf(*text)) {
      ++count;
      selected = text;
      selected_rdata = rdata;
    } else {
      no_space = no_space || base::EqualsIgnoreCase(text->substr(0, 6), "v=spf1");
    }
  }
  if (count > 1) {
    of.state = LintNode::State::kUnusable;
    Add(i, LintCode::kSeveralRecords, "", absl::StrCat(count, " records"));
    return std::nullopt;
  }
  if (count == 0) {
    if (i == 0 && of.state == LintNode::State::kNone) {
      const bool no_domain = answer.outcome == dns::Outcome::kNxDomain;
      Add(i, LintCode::kNoRecord, "",
          no_domain  ? "the domain does not exist"
          : no_space ? "one begins with \"v=spf1\", but no space follows"
                     : "");
    }
    return std::nullopt;
  }
  if (report_.RecordOf(of.domain_text).empty()) {
    report_.records.push_back({std::string(of.domain_text), std::string(*selected)});
  }
  const auto add = [&](LintCode code, std::string_view place, std::string_view detail) {
    const size_t offset = place.empty() ? 0 : static_cast<size_t>(place.data() - selected->data());
    AddWithText(i, code, place.empty() ? std::nullopt : std::optional(offset), place.size(),
                InfoOf(code).clause,
                absl::StrCat(InfoOf(code).text, detail.empty() ? "" : ": ", detail));
  };
  LintStrings(selected_rdata, *selected, add);
  LintSize(of.domain_text.size(), *selected, octets, add);
  return selected;
}

inline bool LintWalk::ReadRecord(size_t i, const dns::Answer& answer) {
  const std::optional<std::string_view> text = SelectText(i, answer);
  if (!text.has_value()) return false;
  const auto parsed = ParseRecord(*text, arena_);
  if (const auto* fault = std::get_if<Fault>(&parsed)) {
    nodes_[i].state = LintNode::State::kUnusable;
    AddWithText(i, LintCode::kSyntax, fault->offset, 0, InfoOf(fault->reason).clause,
                std::string(InfoOf(fault->reason).text));
    return false;
  }
  nodes_[i].state = LintNode::State::kRecord;
  nodes_[i].record = arena_->New<Record>(std::get<Record>(parsed));
  LintRecord(*nodes_[i].record, nodes_[i].role,
             [this, i](LintCode code, std::string_view place, std::string_view detail) {
               Add(i, code, place, detail);
             });
  return true;
}

// %{d} is the domain of the record itself; what the others stand for, only a
// message tells. RFC 7208 §7.2
inline std::optional<dns::Name> LintWalk::TargetOf(size_t i, const MacroString& domain_spec,
                                                   std::string_view term) {
  if (domain_spec.empty()) return nodes_[i].domain;
  constexpr uint32_t kDomainLetter = uint32_t{1} << ('d' - 'a');
  if ((domain_spec.letters & ~kDomainLetter) != 0) {
    Add(i, LintCode::kMacro, term, "");
    return std::nullopt;
  }
  MacroFacts facts;
  facts.domain = nodes_[i].domain_text;
  const std::optional<dns::Name> target = ExpandName(domain_spec, facts);
  if (!target.has_value() || target->label_count() < 2 ||
      !base::AllIn(target->text(), internal::kPrintable)) {
    Add(i, LintCode::kBadTarget, term, "");
    return std::nullopt;
  }
  return target;
}

inline void LintWalk::Add(size_t i, LintCode code, std::string_view place,
                          std::string_view detail) {
  std::optional<size_t> offset;
  if (!place.empty()) offset = nodes_[i].record->OffsetOf(place);
  AddWithText(i, code, offset, place.size(), InfoOf(code).clause,
              absl::StrCat(InfoOf(code).text, detail.empty() ? "" : ": ", detail));
}

inline void LintWalk::AddFailure(size_t i, std::string_view place, const dns::Name& name,
                                 dns::Type type) {
  report_.temp_error = true;
  Add(i, LintCode::kLookupFailed, place, absl::StrCat(name.text(), " ", dns::TypeName(type)));
}

inline void LintWalk::AddWithText(size_t i, LintCode code, std::optional<size_t> offset,
                                  size_t size, std::string_view clause, std::string text) {
  const std::string_view domain = nodes_[i].domain_text;
  for (const Finding& finding : report_.findings) {
    // The same record in another role, or the same name for another family.
    if (finding.code == code && finding.domain == domain && finding.offset == offset &&
        finding.text == text) {
      return;
    }
  }
  report_.has_errors = report_.has_errors || InfoOf(code).severity == Severity::kError;
  if (report_.findings.size() == kMaxFindings) {
    ++report_.dropped_findings;
    return;
  }
  Finding& finding = report_.findings.emplace_back();
  finding.code = code;
  finding.clause = clause;
  finding.domain = domain;
  finding.offset = offset;
  finding.size = size;
  finding.text = std::move(text);
}

// ConcludeEdges adds what only the record at the other end tells.
inline void LintWalk::ConcludeEdges() {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    for (const LintNode::Edge& edge : nodes_[i].edges) {
      const LintNode& target = nodes_[edge.node];
      if (target.state == LintNode::State::kFailed) {
        AddFailure(i, edge.term, target.domain, dns::Type::kTxt);
      } else if (target.state == LintNode::State::kNone) {
        Add(i, edge.redirect ? LintCode::kRedirectWithoutRecord : LintCode::kIncludeWithoutRecord,
            edge.term, target.domain_text);
      }
    }
  }
}

// Count computes the total of node |i|: its own terms, and those of every record
// that it leads to, each time it does. What leads back adds nothing.
inline void LintWalk::Count(size_t i, std::vector<Total>* totals) {
  const auto add = [](size_t more, size_t* count) {
    *count = std::min(*count + more, kMaxCounted);
  };
  Total& total = (*totals)[i];
  total.state = Total::State::kOpen;
  total.terms = nodes_[i].terms;
  total.void_lookups = nodes_[i].void_lookups;
  for (const LintNode::Edge& edge : nodes_[i].edges) {
    Total& below = (*totals)[edge.node];
    if (below.state == Total::State::kOpen) {
      Add(i, LintCode::kLoop, edge.term, "");
      continue;
    }
    if (below.state == Total::State::kNew) Count(edge.node, totals);
    add(below.terms, &total.terms);
    add(below.void_lookups.v4, &total.void_lookups.v4);
    add(below.void_lookups.v6, &total.void_lookups.v6);
  }
  total.state = Total::State::kDone;
}

inline size_t LintWalk::OrderOf(std::string_view domain) const {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].domain_text == domain) return i;
  }
  return nodes_.size();
}

inline void LintWalk::Conclude() {
  if (nodes_[0].state == LintNode::State::kFailed) {
    AddFailure(0, "", nodes_[0].domain, dns::Type::kTxt);
  }
  ConcludeEdges();
  std::vector<Total> totals(nodes_.size());
  // As deep as there are nodes, which the number of queries bounds.
  Count(0, &totals);
  report_.terms = totals[0].terms;
  const VoidLookups& nothing = totals[0].void_lookups;
  report_.void_lookups = std::max(nothing.v4, nothing.v6);
  if (report_.terms > options_->max_terms) {
    Add(0, LintCode::kTooManyTerms, "",
        absl::StrCat(report_.terms, ", and ", options_->max_terms, " are allowed"));
  }
  if (report_.void_lookups > options_->max_void_lookups) {
    const size_t least = std::min(nothing.v4, nothing.v6);
    const std::string_view client =
        nothing.v4 > nothing.v6 ? " for an IPv4 client" : " for an IPv6 client";
    const bool of_one = least <= options_->max_void_lookups;
    Add(0, of_one ? LintCode::kVoidLookupsOfFamily : LintCode::kTooManyVoidLookups, "",
        absl::StrCat(report_.void_lookups, of_one ? client : "", ", and ",
                     options_->max_void_lookups, " are allowed"));
  }
  report_.ipv4_addresses = addresses_.ipv4_addresses();
  report_.ipv6_networks = addresses_.ipv6_networks();
  std::sort(report_.findings.begin(), report_.findings.end(),
            [this](const Finding& a, const Finding& b) {
              return std::tuple(OrderOf(a.domain), a.offset, a.code, std::string_view(a.text)) <
                     std::tuple(OrderOf(b.domain), b.offset, b.code, std::string_view(b.text));
            });
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_LINT_WALK_H_
