// The commands of postseal: each adds itself to the application and leaves its
// exit status in |exit_status| when it ran.
#ifndef POSTSEAL_CLI_COMMANDS_H_
#define POSTSEAL_CLI_COMMANDS_H_

namespace CLI {
class App;
}  // namespace CLI

namespace postseal::cli {

void AddKeygen(CLI::App* app, int* exit_status);
void AddTestkey(CLI::App* app, int* exit_status);
void AddSign(CLI::App* app, int* exit_status);
void AddVerify(CLI::App* app, int* exit_status);
void AddReplay(CLI::App* app, int* exit_status);
void AddSpf(CLI::App* app, int* exit_status);
void AddDmarc(CLI::App* app, int* exit_status);
void AddAuthres(CLI::App* app, int* exit_status);
void AddStore(CLI::App* app, int* exit_status);
void AddDemo(CLI::App* app, int* exit_status);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_COMMANDS_H_
