-- miltertest: mail of an internal host is signed. Run with -D socket=inet:PORT@127.0.0.1.

local function must(fault)
  if fault ~= nil then error(fault) end
end

local function goes_on(conn, step)
  local reply = mt.getreply(conn)
  if reply ~= SMFIR_CONTINUE then error(step .. " was answered with " .. tostring(reply)) end
end

local conn = mt.connect(socket, 40, 0.25)
if conn == nil then error("no connection") end
must(mt.conninfo(conn, "client.example.com", "192.0.2.1"))
goes_on(conn, "CONNECT")

-- Two messages of one connection; the second is the same message with another body.
for count = 1, 2 do
  mt.macro(conn, SMFIC_MAIL, "i", "LUA" .. count)
  must(mt.mailfrom(conn, "<alice@example.com>"))
  must(mt.rcptto(conn, "<bob@example.net>"))
  must(mt.header(conn, "From", " Alice <alice@example.com>"))
  must(mt.header(conn, "To", " bob@example.net"))
  must(mt.header(conn, "Date", " Thu, 01 Jan 2026 00:00:00 +0000"))
  must(mt.header(conn, "Subject", " Signing test"))
  must(mt.eoh(conn))
  must(mt.bodystring(conn, "This is message " .. count .. "\r\n"))
  must(mt.eom(conn))
  local reply = mt.getreply(conn)
  if reply ~= SMFIR_ACCEPT and reply ~= SMFIR_CONTINUE then error("not accepted") end
  if not mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature") then error("no signature") end
  if mt.eom_check(conn, MT_HDRINSERT, "Authentication-Results") then error("it was judged") end
  if mt.eom_check(conn, MT_BODYCHANGE) then error("the body was changed") end
  if mt.eom_check(conn, MT_HDRDELETE) then error("a field was removed") end
  local field = mt.getheader(conn, "DKIM-Signature", 0)
  for _, wanted in ipairs({"v=1;", "a=rsa%-sha256;", "d=example%.com;", "s=s1;", "bh=", "b="}) do
    if not string.find(field, wanted) then error("no " .. wanted .. " in " .. field) end
  end
end

-- Given up in the middle: the next message is whole.
must(mt.mailfrom(conn, "<alice@example.com>"))
must(mt.rcptto(conn, "<bob@example.net>"))
must(mt.header(conn, "From", " Mallory <mallory@example.org>"))
must(mt.abort(conn))
must(mt.mailfrom(conn, "<alice@example.com>"))
must(mt.rcptto(conn, "<bob@example.net>"))
must(mt.header(conn, "From", " alice@example.com"))
must(mt.eoh(conn))
must(mt.eom(conn))
if not mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature") then error("no signature after abort") end
mt.disconnect(conn)
mt.echo("sign: good")
