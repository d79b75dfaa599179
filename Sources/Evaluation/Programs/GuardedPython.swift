/// The program in Python that runs another: it sets bounds, takes away what starts, stops and removes things, and says at the
/// end whether the other came to its own.
enum GuardedPython {
  /// Its arguments are the other program, the folder to run it in, and the line that says so.
  static let source = """
    names = "builtins faulthandler os resource shutil subprocess sys"
    builtins, faulthandler, os, resource, shutil, subprocess, sys = map(__import__, names.split())
    path, folder, token = sys.argv[1:]
    os.chdir(folder)
    text = open(path, encoding="utf-8", errors="surrogateescape").read()
    errors = os.fdopen(os.dup(2), "w", errors="replace")
    for kind, most in [("AS", 4 << 30), ("FSIZE", 16 << 20), ("CPU", 60), ("NPROC", 256), ("NOFILE", 64), ("CORE", 0)]:
        try: resource.setrlimit(getattr(resource, "RLIMIT_" + kind), (most, most))
        except (ValueError, OSError, AttributeError): pass
    faulthandler.disable()
    sys.stdout = sys.stderr = open(os.devnull, "w")
    sys.stdin = open(os.devnull)
    os.environ["OMP_NUM_THREADS"] = "1"
    removed = {
        os: "kill killpg system putenv remove removedirs rmdir fchdir setuid fork forkpty rename renames truncate replace "
            "unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir",
        shutil: "rmtree move chown", subprocess: "Popen", builtins: "exit quit help"}
    for module, names in removed.items():
        for name in names.split(): setattr(module, name, None)
    for name in ["ipdb", "joblib", "resource", "psutil", "tkinter"]: sys.modules[name] = None
    def closed(*arguments): raise OSError("there is no input")
    builtins.input = closed
    sys.argv = [""]
    try:
        exec(compile(text, "<program>", "exec"), {"__name__": "program"})
        report = token
    except BaseException as error:
        report = type(error).__name__ + ": " + " ".join(str(error).split())[:500]
    errors.write("\\n" + report + "\\n")
    errors.flush()
    os._exit(0)

    """
}
