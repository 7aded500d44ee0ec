using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Recipes.Models;
using Recipes.Onnx;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>Peak memory of a single case, in a process that does nothing else: the command <c>recipes model bench-memory</c>.</summary>
public sealed class BenchMemory
{
    private const string Command = "Recipes.Cli.dll";
    private const int Runs = 3;
    private readonly BenchOptions _options;
    private readonly IProgress<string>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly SortedSet<string> _notes = new(StringComparer.Ordinal);

    internal BenchMemory(BenchOptions options, IProgress<string>? progress, CancellationToken cancellation) =>
        (_options, _progress, _cancellation) = (options, progress, cancellation);

    /// <summary>What was not measured, and why.</summary>
    internal IReadOnlyList<string> Notes => [.. _notes];

    /// <summary>Measures in this process, which must not have done anything else.</summary>
    /// <param name="model">A name of the zoo.</param>
    /// <param name="json">Options that leave one engine, form, part, size and batch, as canonical JSON.</param>
    /// <param name="size">Which of a decoder's two sizes.</param>
    /// <returns>Bytes that are resident at the peak while it runs, beyond those with the libraries loaded; building is not counted on Linux.</returns>
    public static long Measure(string model, string json, string size)
    {
        var options = JsonSerializer.Deserialize<BenchOptions>(json, CanonicalJson.Options)!;
        using var threads = new BenchThreads(options.Threads);
        LoadLibraries(options.Engines[0]);
        ProcessMemory.Trim();
        var before = ProcessMemory.Resident();
        using var work = new BenchWork(options);
        using (var network = Zoo.Network(model).Build())
        {
            network.eval();
            if (options.Form == BenchForm.Folded)
                Layers.Modules.Fold(network);
            work.Add(network, CancellationToken.None);
        }
        var task = work.Tasks.First(t => t.Case.Size == size);
        ProcessMemory.Trim();
        ProcessMemory.ForgetPeak();
        for (var i = 0; i < Runs; i++)
            task.Run();
        return Math.Max(0, ProcessMemory.Peak() - before);
    }

    /// <summary>Starts a process that measures a case; null with a note where there can be none.</summary>
    internal long? Of(NetworkSpec? spec, BenchTask task)
    {
        if (!_options.Memory)
            return null;
        if (
            spec is null
            || !Zoo.Names.Contains(spec.Name)
            || CanonicalJson.Text<object>(Zoo.Network(spec.Name)) != CanonicalJson.Text<object>(spec)
        )
            return Without($"memory of {task.Case.Model}: not measured, because another process cannot build what is not in the zoo");
        if (FindCommand() is not { } command)
            return Without($"memory: not measured, because {Command} is not beside this program");
        _progress?.Report($"memory of {task.Case.Task}, {task.Case.Way}");
        var only = _options with
        {
            Resolutions = task.Resolution is { } pixels ? [pixels] : [],
            Batches = [task.Case.Batch],
            Engines = [task.Case.Engine],
            Form = task.Case.Form,
            Part = task.Case.Part.Length > 0 ? task.Case.Part : null,
        };
        var (code, output, errors) = Start(command, [spec.Name, CanonicalJson.Of(only).ToJsonString(), task.Case.Size]);
        if (code == 0 && long.TryParse(output, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
            return bytes;
        return Without($"memory of {task.Case.Task}, {task.Case.Way}: not measured: exit code {code}: {errors.Split('\n')[0]}");
    }

    private long? Without(string note)
    {
        _notes.Add(note);
        return null;
    }

    private (int Code, string Output, string Errors) Start(string command, string[] arguments)
    {
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo(host, [command, "model", "bench-memory", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var child = Process.Start(start)!;
        using var stop = _cancellation.Register(() => child.Kill(entireProcessTree: true));
        var errors = child.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = child.StandardOutput.ReadToEnd().Trim();
        child.WaitForExit();
        _cancellation.ThrowIfCancellationRequested();
        return (child.ExitCode, output, errors.GetAwaiter().GetResult().Trim());
    }

    // The command's own folder, or the checkout's bin.
    private static string? FindCommand()
    {
        string?[] folders =
        [
            AppContext.BaseDirectory,
            Environment.GetEnvironmentVariable("RECIPES_ROOT") is { Length: > 0 } root ? Path.Combine(root, "bin") : null,
        ];
        return folders
            .OfType<string>()
            .Select(f => Path.Combine(f, Command))
            .FirstOrDefault(f => File.Exists(f) && File.Exists(Path.ChangeExtension(f, ".runtimeconfig.json")));
    }

    // Libraries, their threads and their tables, by running something small.
    private static void LoadLibraries(BenchEngine engine)
    {
        using var tiny = new MobileOne(MobileOne.Mini(width: 8));
        tiny.eval();
        using var work = new BenchWork(
            new BenchOptions
            {
                Engines = [engine],
                Form = BenchForm.Folded,
                Resolutions = [32],
            }
        );
        work.Add(tiny, CancellationToken.None);
        work.Tasks[0].Run();
    }
}
