// PostgresServer: a real PostgreSQL on the loopback interface, for tests.
#ifndef POSTSEAL_STORE_POSTGRES_SERVER_H_
#define POSTSEAL_STORE_POSTGRES_SERVER_H_

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "store/libpq.h"
#include "store/postgres.h"

namespace postseal::store {

class PostgresServer {
 public:
  // Create makes a cluster in |directory|, which is empty, and starts it. NotFound where
  // that is not possible: PostgreSQL is not installed, or it would have to run as root.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Create(std::string directory) {
    const std::string programs = Programs();
    if (programs.empty()) {
      return absl::NotFoundError("PostgreSQL is not installed: Debian's package postgresql");
    }
    std::unique_ptr<PostgresServer> server(new PostgresServer(programs, std::move(directory)));
    if (!server->FindUser()) {
      return absl::NotFoundError(
          absl::StrCat("PostgreSQL does not run as root, and no program can be run as another "
                       "user here: ",
                       server->log()));
    }
    if (!server->Succeeds({programs + "initdb", "-D", server->data_, "-A", "trust", "-U",
                           "postgres", "-E", "UTF8", "--locale=C", "--no-sync"})) {
      return absl::UnavailableError("initdb failed:\n" + server->log());
    }
    // The port may be taken between its choice and the start.
    for (int attempt = 0; attempt < 5; ++attempt) {
      server->port_ = FreePort();
      if (server->Start()) return server;
    }
    return absl::UnavailableError("PostgreSQL does not answer:\n" + server->log());
  }

  ~PostgresServer() {
    Stop(SIGINT);
    std::error_code error;
    if (!home_.empty()) std::filesystem::remove_all(home_, error);
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string url() const { return UrlAt(port_); }
  // UrlAt is the URL for who listens at |port| in the server's place.
  static std::string UrlAt(int port) {
    return absl::StrCat("postgresql://postgres:secret@127.0.0.1:", port, "/postgres");
  }
  int port() const { return port_; }

  // Start starts the server again and returns when it answers.
  bool Start() {
    // Until the processes of a killed server have seen it, the next one refuses.
    for (int attempt = 0; attempt < 100; ++attempt) {
      pid_ = Spawn({programs_ + "postgres", "-D", data_, "-h", "127.0.0.1", "-p",
                    absl::StrCat(port_), "-c", "unix_socket_directories=", "-c", "fsync=off"});
      if (pid_ > 0 && Answers()) return true;
      if (pid_ > 0) Stop(SIGKILL);
      poll(nullptr, 0, 50);
    }
    return false;
  }

  // Stop sends |signal| (SIGKILL, SIGINT) and returns when the server is gone.
  void Stop(int signal) {
    if (pid_ <= 0) return;
    kill(pid_, signal);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  // Execute runs one statement as the owner of all tables.
  absl::Status Execute(const std::string& sql) const {
    PGconn* const connection = Connect();
    absl::Status status;
    if (Pq().PQsendQueryParams(connection, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) !=
        1) {
      status = absl::UnavailableError(Pq().PQerrorMessage(connection));
    }
    while (PGresult* const result = status.ok() ? Pq().PQgetResult(connection) : nullptr) {
      const ExecStatusType type = Pq().PQresultStatus(result);
      if (type != PGRES_COMMAND_OK && type != PGRES_TUPLES_OK) {
        status = absl::InternalError(Pq().PQresultErrorMessage(result));
      }
      Pq().PQclear(result);
    }
    Pq().PQfinish(connection);
    return status;
  }

  // Single is the first value of what |sql| selects.
  std::string Single(const std::string& sql) const {
    PGconn* const connection = Connect();
    std::string value;
    Pq().PQsendQueryParams(connection, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
    while (PGresult* const result = Pq().PQgetResult(connection)) {
      if (Pq().PQntuples(result) > 0) value = Pq().PQgetvalue(result, 0, 0);
      Pq().PQclear(result);
    }
    Pq().PQfinish(connection);
    return value;
  }

  std::string log() const {
    std::ostringstream text;
    text << std::ifstream(directory_ + "/log").rdbuf();
    return text.str();
  }

 private:
  PostgresServer(std::string programs, std::string directory)
      : programs_(std::move(programs)),
        directory_(std::move(directory)),
        data_(directory_ + "/data") {}

  // Programs is the folder of the newest version, or empty.
  static std::string Programs() {
    std::vector<std::string> found;
    std::error_code error;
    std::filesystem::directory_iterator entry("/usr/lib/postgresql", error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      std::string programs = entry->path().string() + "/bin/";
      if (access((programs + "postgres").c_str(), X_OK) == 0) found.push_back(programs);
    }
    return found.empty() ? "" : *std::max_element(found.begin(), found.end());
  }

  static const LibPq& Pq() { return *LibPq::Get(); }

  PGconn* Connect() const {
    const std::string url = this->url();
    const char* const names[] = {"dbname", nullptr};
    const char* const values[] = {url.c_str(), nullptr};
    PGconn* const connection = Pq().PQconnectStartParams(names, values, 1);
    Pq().PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
    for (PostgresPollingStatusType want = PGRES_POLLING_WRITING;
         want == PGRES_POLLING_WRITING || want == PGRES_POLLING_READING;
         want = Pq().PQconnectPoll(connection)) {
      const short events = want == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
      pollfd socket = {Pq().PQsocket(connection), events, 0};
      poll(&socket, 1, -1);
    }
    return connection;
  }

  static int FreePort() {
    const int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    const bool ok = bind(tcp, any, size) == 0 && getsockname(tcp, any, &size) == 0;
    close(tcp);
    return ok ? ntohs(address.sin_port) : 0;
  }

  // FindUser finds a way to run programs as somebody else than root, if we are root: as
  // nobody, who has no rights in our folders and needs one in the folder for temporary files; or,
  // where that user does not exist, as in the sandbox of a build, in a user namespace.
  bool FindUser() {
    if (geteuid() != 0) return true;
    as_user_ = {"/usr/bin/setpriv", absl::StrCat("--reuid=", kNobody),
                absl::StrCat("--regid=", kNobody), "--clear-groups", "--"};
    std::string home =
        (std::filesystem::temp_directory_path() / "postseal-postgres-XXXXXX").string();
    if (Succeeds({"/bin/true"}) && mkdtemp(home.data()) != nullptr) {
      home_ = home;
      data_ = home + "/data";
      return chown(home.c_str(), kNobody, kNobody) == 0;
    }
    as_user_ = {"/usr/bin/unshare", "--map-user=1000", "--map-group=1000", "--"};
    return Succeeds({"/bin/true"});
  }

  bool Succeeds(const std::vector<std::string>& command) const {
    const pid_t pid = Spawn(command);
    int status = -1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
  }

  // Spawn runs a program, whose words go to the log.
  pid_t Spawn(std::vector<std::string> command) const {
    command.insert(command.begin(), as_user_.begin(), as_user_.end());
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    std::string path = "PATH=/usr/bin:/bin";
    char* environment[] = {path.data(), nullptr};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    const std::string log = directory_ + "/log";
    posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    pid_t pid = 0;
    const int failed =
        posix_spawn(&pid, arguments[0], &files, nullptr, arguments.data(), environment);
    posix_spawn_file_actions_destroy(&files);
    return failed == 0 ? pid : -1;
  }

  // Answers waits until somebody can connect, or the server has ended.
  bool Answers() {
    for (int i = 0; i < 600; ++i) {
      if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
        pid_ = 0;
        return false;
      }
      PostgresOptions options;
      options.url = url();
      if (Postgres::Connect(options).ok()) return true;
      poll(nullptr, 0, 50);
    }
    return false;
  }

  static constexpr uid_t kNobody = 65534;

  const std::string programs_;
  const std::string directory_;
  std::string data_;
  std::string home_;                  // below /tmp, or empty
  std::vector<std::string> as_user_;  // what a command begins with
  int port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_POSTGRES_SERVER_H_
