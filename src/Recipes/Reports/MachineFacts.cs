using System.Runtime.InteropServices;
using Recipes.Display;
using TorchSharp;

namespace Recipes.Reports;

/// <summary>What a run ran on, so that its times can be read.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record MachineFacts : IDisplay
{
    /// <summary>The processor's name, as it calls itself.</summary>
    public required string Processor { get; init; }

    /// <summary>Logical processors that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Memory that this process may use, in bytes.</summary>
    public required long Memory { get; init; }

    /// <summary>The operating system.</summary>
    public required string System { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>TorchSharp's and libtorch's versions.</summary>
    public required string Torch { get; init; }

    /// <summary>Threads that libtorch computes with.</summary>
    public required int Threads { get; init; }

    /// <summary>The most memory that this process has held so far, in bytes, native memory included.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>This machine and this process, now. Starts libtorch when it is not yet loaded.</summary>
    public static MachineFacts Current() =>
        new()
        {
            Processor = ProcessorName(),
            Cores = Environment.ProcessorCount,
            Memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            System = RuntimeInformation.OSDescription,
            Runtime = RuntimeInformation.FrameworkDescription,
            Torch = $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}, libtorch {torch.__version__}",
            Threads = torch.get_num_threads(),
            PeakMemory = PeakResident(),
        };

    /// <summary>The facts as a table.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The facts as a table of text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show() => Table.From(Lines(), (Column.Text("What"), l => l.Label), (Column.Text("Value"), l => l.Text));

    /// <summary>Label and text of each fact, for a report's head.</summary>
    public IEnumerable<(string Label, string Text)> Lines() =>
        [
            ("Peak memory", Numbers.Bytes(PeakMemory)),
            ("Processor", $"{Processor}, {Cores} cores"),
            ("Memory", Numbers.Bytes(Memory)),
            ("Threads", $"{Threads}"),
            ("Libraries", $"{Torch}, {Runtime}"),
            ("System", System),
        ];

    /// <summary>The most memory that this process has held so far, in bytes.</summary>
    public static long PeakResident() => ProcessMemory.Peak();

    private static string ProcessorName() =>
        Field("/proc/cpuinfo", "model name")
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
        ?? $"{RuntimeInformation.ProcessArchitecture} processor";

    // A "name : value" line of a file of Linux's /proc; null on other systems.
    private static string? Field(string file, string name) =>
        File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
            : null;
}
