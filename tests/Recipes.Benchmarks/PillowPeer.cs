using System.Diagnostics;
using System.Globalization;

namespace Recipes.Benchmarks;

/// <summary>Stored augmentations replayed with the Python Imaging Library (<c>peers/augment.py</c>) in a process of its own, stepped on request.</summary>
internal sealed class PillowPeer : IDisposable
{
    private readonly Process _process;

    private PillowPeer(Process process, string version) => (_process, Version) = (process, version);

    /// <summary>Pillow's version.</summary>
    public string Version { get; }

    /// <summary>Starts the peer on a folder of numbered pictures and augmentations, or says why there is none.</summary>
    public static PillowPeer? Start(string folder, int size, out string why)
    {
        why = "";
        // Debian's python3-pil belongs to the system's python, which need not be the first on the path.
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "peers", "augment.py"), folder, $"{size}"])
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
                return new PillowPeer(process, line["ready ".Length..]);
            process.Dispose();
            why = $"{python} has no PIL (Debian: apt install python3-pil)";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            why = $"{python} does not start: {e.Message}";
        }
        return null;
    }

    /// <summary>A part of the work (<c>all</c>, <c>decode</c>, <c>crop</c>, <c>operations</c>) over all pictures.</summary>
    public Arm Arm(string part) => new($"Pillow {Version}", () => Step(part));

    /// <summary>The bytes of a picture's result.</summary>
    public byte[] Result(int index) => Convert.FromBase64String(Ask($"result {index}"));

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(5000);
        _process.Dispose();
    }

    private Cost Step(string part)
    {
        var seconds = Ask(part).Split(' ').Select(s => double.Parse(s, CultureInfo.InvariantCulture)).ToArray();
        return new Cost(seconds[0] * 1000, seconds[1] * 1000);
    }

    private string Ask(string what)
    {
        _process.StandardInput.WriteLine(what);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() ?? throw new RecipesException($"The Pillow peer died at '{what}'.");
    }
}
