using System.Diagnostics;
using System.Globalization;

namespace Recipes.Benchmarks;

/// <summary>A program under <c>peers/</c> in a Python process of its own: it says <c>ready VERSION</c>, then answers each line with one line.</summary>
internal abstract class PythonPeer : IDisposable
{
    private readonly Process _process;

    private protected PythonPeer(Process process, string version) => (_process, Version) = (process, version);

    /// <summary>The version of the library that does the work.</summary>
    public string Version { get; }

    /// <summary>Starts a program, or says why there is none.</summary>
    /// <param name="program">The file's name.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="needs">The module and Debian's package that it needs.</param>
    /// <param name="make">The peer of a process that is ready, and the library's version.</param>
    /// <param name="why">Empty when it runs.</param>
    private protected static T? Start<T>(
        string program,
        IEnumerable<string> arguments,
        (string Module, string Package) needs,
        Func<Process, string, T> make,
        out string why
    )
        where T : PythonPeer
    {
        why = "";
        // Debian's packages belong to the system's python, which need not be the first on the path.
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "peers", program), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            if (process.StandardOutput.ReadLine() is { } line && line.StartsWith("ready ", StringComparison.Ordinal))
                return make(process, line["ready ".Length..]);
            process.Dispose();
            why = $"{python} has no {needs.Module} (Debian: apt install {needs.Package})";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            why = $"{python} does not start: {e.Message}";
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(5000);
        _process.Dispose();
    }

    /// <summary>Work that the peer times itself, in seconds of wall clock and processor.</summary>
    public Cost Step(string what)
    {
        var seconds = Ask(what).Split(' ').Select(s => double.Parse(s, CultureInfo.InvariantCulture)).ToArray();
        return new Cost(seconds[0] * 1000, seconds[1] * 1000);
    }

    /// <summary>The answer to a line.</summary>
    private protected string Ask(string what)
    {
        _process.StandardInput.WriteLine(what);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() ?? throw new RecipesException($"The {GetType().Name} died at '{what}'.");
    }
}
