// ExplanationNode: a tree that a person reads: each step, its RFC clause and why it
// ended so.
#ifndef POSTSEAL_AUTH_EXPLANATION_NODE_H_
#define POSTSEAL_AUTH_EXPLANATION_NODE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/escape.h"

namespace postseal::auth {

// ExplanationNode is one line and what stands below it. Texts are escaped: they
// can be shown as they are.
struct ExplanationNode {
  std::string text;
  std::vector<ExplanationNode> children;

  ExplanationNode& Add(std::string child_text) {
    return children.emplace_back(ExplanationNode{std::move(child_text), {}});
  }
};

// PrintExplanation writes |root| as indented lines, each ended by LF.
std::string PrintExplanation(const ExplanationNode& root);

// Implementation.

namespace internal {

// Quote is text of a message or the DNS as a node may show it.
inline std::string Quote(std::string_view text) {
  return base::Escape(text, base::NonAscii::kPassGraphic);
}

inline void PrintNode(const ExplanationNode& node, size_t depth, std::string* out) {
  absl::StrAppend(out, std::string(2 * depth, ' '), depth == 0 ? "" : "- ", node.text, "\n");
  for (const ExplanationNode& child : node.children) PrintNode(child, depth + 1, out);
}

}  // namespace internal

inline std::string PrintExplanation(const ExplanationNode& root) {
  std::string out;
  internal::PrintNode(root, 0, &out);
  return out;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_EXPLANATION_NODE_H_
