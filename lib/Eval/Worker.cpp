//===- Worker.cpp - A process that evaluates models -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/Worker.h"
#include "Eval/Protocol.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

using namespace cat::eval;

extern char **environ;

namespace {

/// A file descriptor that is closed when it goes.
class Descriptor {
public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(const Descriptor &) = delete;
  ~Descriptor() { reset(); }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = fd;
  }

private:
  int fd_;
};

struct Pipe {
  Descriptor read, write;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return true;
  }
};

/// Keeps a write to a pipe without a reader from ending the process: the error is enough.
class WithoutPipeSignal {
public:
  WithoutPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    wasPending_ = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutPipeSignal() {
    timespec none = {};
    if (!wasPending_)
      while (sigtimedwait(&pipe_, nullptr, &none) < 0 && errno == EINTR)
        ;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

private:
  sigset_t pipe_, before_;
  bool wasPending_;
};

/// catc's environment, and what a worker with one processor wants unless the user decided.
std::vector<std::string> environment() {
  static constexpr std::array<std::pair<const char *, const char *>, 4> kDefaults = {{
      {"OMP_NUM_THREADS", "1"},
      {"OPENBLAS_NUM_THREADS", "1"},
      {"OMP_WAIT_POLICY", "passive"},
      {"GOMP_SPINCOUNT", "0"},
  }};
  std::vector<std::string> entries;
  for (char **entry = environ; *entry; ++entry)
    entries.emplace_back(*entry);
  for (auto [name, value] : kDefaults)
    if (!::getenv(name))
      entries.push_back(std::string(name) + "=" + value);
  return entries;
}

std::vector<char *> pointers(std::vector<std::string> &texts) {
  std::vector<char *> result;
  result.reserve(texts.size() + 1);
  for (std::string &text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// What the child has failed at, sent to the parent.
struct StartFailure {
  enum What : int { Folder, Program } what;
  int error;
};

/// Runs in the child between fork and exec, where nothing but system calls is safe.
[[noreturn]] void becomeWorker(const char *folder, char *const *arguments, char *const *variables,
                               int input, int output, int log, int failures, pid_t parent) {
  ::setpgid(0, 0);
  // A worker must not outlive a catc that was killed, even one that never reads its input.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    ::_exit(1);
  for (int signal = 1; signal < NSIG; ++signal)
    ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  StartFailure failure{StartFailure::Folder, 0};
  if (*folder && ::chdir(folder) != 0) {
    failure.error = errno;
  } else {
    ::execvpe(arguments[0], arguments, variables);
    failure = {StartFailure::Program, errno};
  }
  (void)!::write(failures, &failure, sizeof failure);
  ::_exit(127);
}

std::string lastError() { return std::strerror(errno); }

int openLog(const std::string &path) {
  if (!path.empty())
    return ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  std::string name = "/tmp/catc-worker-XXXXXX";
  if (const char *folder = ::getenv("TMPDIR"); folder && *folder)
    name = std::string(folder) + "/catc-worker-XXXXXX";
  int fd = ::mkostemp(name.data(), O_APPEND | O_CLOEXEC);
  if (fd >= 0)
    ::unlink(name.c_str());
  return fd;
}

} // namespace

std::variant<std::unique_ptr<Worker>, std::string> Worker::start(const WorkerOptions &options) {
  Pipe input, output, failures;
  Descriptor log(openLog(options.log));
  if (log.get() < 0)
    return "cannot write '" + (options.log.empty() ? "a temporary file" : options.log) +
           "': " + lastError();
  off_t logBegin = ::lseek(log.get(), 0, SEEK_END);
  if (!input.open() || !output.open() || !failures.open())
    return "cannot make a pipe: " + lastError();
  std::vector<std::string> arguments = options.command, variables = environment();
  std::vector<char *> argumentPointers = pointers(arguments),
                      variablePointers = pointers(variables);
  pid_t self = ::getpid();
  pid_t process = ::fork();
  if (process < 0)
    return "cannot start a process: " + lastError();
  if (process == 0)
    becomeWorker(options.folder.c_str(), argumentPointers.data(), variablePointers.data(),
                 input.read.get(), output.write.get(), log.get(), failures.write.get(), self);
  // Also here, so that the group exists before anybody wants to end it.
  ::setpgid(process, process);
  failures.write.reset();
  StartFailure failure;
  ssize_t count;
  do
    count = ::read(failures.read.get(), &failure, sizeof failure);
  while (count < 0 && errno == EINTR);
  if (count == sizeof failure) {
    ::waitpid(process, nullptr, 0);
    if (failure.what == StartFailure::Folder)
      return "cannot work in '" + options.folder + "': " + std::strerror(failure.error);
    return "cannot run '" + options.command.front() + "': " + std::strerror(failure.error);
  }
  for (int fd : {input.write.get(), output.read.get()})
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return std::unique_ptr<Worker>(
      new Worker(process, input.write.release(), output.read.release(), log.release(), logBegin));
}

Worker::~Worker() {
  end(std::chrono::milliseconds(0));
  closeInput();
  ::close(output_);
  ::close(log_);
}

void Worker::send(std::string_view line) {
  unsent_ += line;
  unsent_ += '\n';
  flush();
}

void Worker::flush() {
  WithoutPipeSignal guard;
  size_t sent = 0;
  while (input_ >= 0 && sent < unsent_.size()) {
    ssize_t count = ::write(input_, unsent_.data() + sent, unsent_.size() - sent);
    if (count >= 0) {
      sent += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      sent = unsent_.size();
      closeInput();
    }
  }
  unsent_.erase(0, sent);
}

Worker::Input Worker::receive(std::vector<std::string> &lines) {
  char buffer[1 << 14];
  // Not for ever: others have something to say, too.
  for (size_t taken = 0; taken < kMostLineBytes;) {
    ssize_t count = ::read(output_, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno == EAGAIN ? Input::Open : Input::Ended;
    if (count == 0)
      return Input::Ended;
    taken += static_cast<size_t>(count);
    std::string_view rest(buffer, static_cast<size_t>(count));
    for (size_t end; (end = rest.find('\n')) != std::string_view::npos;) {
      partial_ += rest.substr(0, end);
      rest.remove_prefix(end + 1);
      if (partial_.size() > kMostLineBytes)
        return Input::TooLong;
      if (!partial_.empty() && partial_.back() == '\r')
        partial_.pop_back();
      if (!partial_.empty())
        lines.push_back(std::move(partial_));
      partial_.clear();
    }
    partial_ += rest;
    if (partial_.size() > kMostLineBytes)
      return Input::TooLong;
  }
  return Input::Open;
}

void Worker::closeInput() {
  if (input_ >= 0)
    ::close(std::exchange(input_, -1));
}

std::string Worker::end(std::chrono::milliseconds grace) {
  if (process_ < 0)
    return "has ended";
  auto deadline = std::chrono::steady_clock::now() + grace;
  auto hasEnded = [&] {
    siginfo_t info = {};
    // Without reaping: the group's number stays taken until it has been killed.
    return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == process_;
  };
  bool byItself = hasEnded();
  while (!byItself && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    byItself = hasEnded();
  }
  ::kill(-process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR)
    ;
  process_ = -1;
  if (!byItself)
    return "was stopped";
  if (WIFEXITED(status))
    return "exited with status " + std::to_string(WEXITSTATUS(status));
  return "was ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
         ::strsignal(WTERMSIG(status)) + ")";
}

std::string Worker::standardError() const {
  constexpr off_t kMost = 4096;
  struct stat status;
  if (::fstat(log_, &status) != 0 || status.st_size <= logBegin_)
    return "";
  off_t begin = std::max(logBegin_, status.st_size - kMost);
  std::string text(static_cast<size_t>(status.st_size - begin), '\0');
  ssize_t count = ::pread(log_, text.data(), text.size(), begin);
  text.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  return text;
}
