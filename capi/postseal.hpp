// postseal.hpp: the C ABI (postseal.h) for C++17, with values, exceptions and no other
// library. Header-only: link with libpostseal alone.
//
//   postseal::Envelope envelope;
//   envelope.SetClientIp("192.0.2.1").SetHelo("mail.example.com").SetMailFrom("a@example.com");
//   postseal::Verify verify(now, envelope, config);
//   verify.Feed(message);
//   verify.EndOfMessage();
//   zone.Answer(verify.exchange());  // or postseal_unbound.hpp, or your resolver
//   if (verify.result() == postseal::Result::kPass) ...
//
// - Objects own their handles and are moved, not copied, but for Key and Signer, whose
//   copies share. A moved-from object may only be destroyed or assigned to.
// - What goes in is a std::string_view, copied where it is kept. What comes out is a
//   std::string, but for the views that say how long they live.
// - Misuse and a broken environment throw postseal::Error. What a message or the DNS says
//   is a result, never an exception.
// - Threads are as in postseal.h: an object is for one at a time; Config, Key and Signer
//   are shared once used.
#ifndef POSTSEAL_HPP_
#define POSTSEAL_HPP_

#include "postseal_base.hpp"    // IWYU pragma: export
#include "postseal_sign.hpp"    // IWYU pragma: export
#include "postseal_verify.hpp"  // IWYU pragma: export

#endif  // POSTSEAL_HPP_
