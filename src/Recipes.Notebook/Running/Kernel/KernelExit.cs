namespace Recipes.Notebook.Running.Kernel;

// Why the kernel process ended, from its exit code and what it said last.
internal static class KernelExit
{
    // What .NET prints before it ends a process.
    private static readonly string[] LastWords =
    [
        "Unhandled exception.",
        "Stack overflow.",
        "Process terminated.",
        "Fatal error.",
        "Out of memory.",
    ];

    public static string Describe(int code) => $"ended with code {code}{Signal(code)}";

    /// <summary>Its own word for it, or null.</summary>
    public static string? Reason(IReadOnlyList<string> lastWords) => lastWords.LastOrDefault(line => LastWords.Any(line.StartsWith));

    private static string Signal(int code) =>
        (code - 128) switch
        {
            _ when OperatingSystem.IsWindows() => "",
            4 => " (SIGILL)",
            6 => " (SIGABRT)",
            7 => " (SIGBUS)",
            8 => " (SIGFPE)",
            9 => " (SIGKILL: out of memory, or ended by someone)",
            11 => " (SIGSEGV)",
            15 => " (SIGTERM)",
            _ => "",
        };
}

// The last of what the process wrote on standard error. A stack overflow's first line comes before thousands of frames,
// of which .NET joins the repeated ones, so a few kilobytes suffice.
internal sealed class StderrTail
{
    private const int Most = 16 << 10;
    private readonly Lock _gate = new();
    private string _text = "";

    public void Add(string text)
    {
        lock (_gate)
        {
            _text += text;
            if (_text.Length > 2 * Most)
                _text = _text[^Most..];
        }
    }

    public IReadOnlyList<string> Lines()
    {
        lock (_gate)
            return _text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
