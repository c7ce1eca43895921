-- miltertest: mail of a stranger is verified. Run with -D socket=inet:PORT@127.0.0.1 and
-- -D message=FILE, a message that example.org has signed.

local function must(fault)
  if fault ~= nil then error(fault) end
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local text = read(message)
local head, body = string.match(text, "^(.-\r\n)\r\n(.*)$")
local fields = {}
for line in string.gmatch(head, "(.-)\r\n") do
  if string.match(line, "^[ \t]") then
    fields[#fields][2] = fields[#fields][2] .. "\r\n" .. line
  else
    local name, value = string.match(line, "^([^:]+):(.*)$")
    fields[#fields + 1] = {name, value}
  end
end

local function verify(body_text, wanted)
  local conn = mt.connect(socket, 40, 0.25)
  if conn == nil then error("no connection") end
  must(mt.conninfo(conn, "mail.example.org", "203.0.113.9"))
  mt.macro(conn, SMFIC_MAIL, "i", "LUAV")
  must(mt.mailfrom(conn, "<carol@example.org>"))
  must(mt.rcptto(conn, "<bob@example.net>"))
  for _, field in ipairs(fields) do must(mt.header(conn, field[1], field[2])) end
  must(mt.eoh(conn))
  must(mt.bodystring(conn, body_text))
  must(mt.eom(conn))
  local reply = mt.getreply(conn)
  if reply ~= SMFIR_ACCEPT and reply ~= SMFIR_CONTINUE then error("not accepted") end
  if mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature") then error("a stranger was signed for") end
  if not mt.eom_check(conn, MT_HDRINSERT, "Authentication-Results") then error("no results") end
  local results = mt.getheader(conn, "Authentication-Results", 0)
  if not string.find(results, "mx%.example%.test") then error("whose are these? " .. results) end
  if not string.find(results, wanted) then error("no " .. wanted .. " in " .. results) end
  mt.disconnect(conn)
end

verify(body, "dkim=pass")
verify(body .. "and more\r\n", "dkim=fail")
mt.echo("verify: good")
