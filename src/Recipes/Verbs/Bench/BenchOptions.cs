using Recipes.Training;

namespace Recipes.Verbs;

/// <summary>What runs a network.</summary>
public enum BenchEngine
{
    /// <summary>libtorch, prepared by <see cref="TorchEngine"/>.</summary>
    Torch,

    /// <summary>ONNX Runtime on the network's export, all optimisations on.</summary>
    Onnx,
}

/// <summary>The form of a network of multi-branch blocks.</summary>
public enum BenchForm
{
    /// <summary>With its branches.</summary>
    TrainTime,

    /// <summary>With its branches folded.</summary>
    Folded,
}

/// <summary>What is timed, and how long. All combinations of sizes, batches, engines and forms are.</summary>
public sealed record BenchOptions
{
    /// <summary>Pixels a side of images; empty: the paper's.</summary>
    public IReadOnlyList<int> Resolutions { get; init; } = [];

    /// <summary>Samples that run at once.</summary>
    /// <value>Default 1.</value>
    public IReadOnlyList<int> Batches { get; init; } = [1];

    /// <summary>Engines.</summary>
    /// <value>Default both.</value>
    public IReadOnlyList<BenchEngine> Engines { get; init; } = [BenchEngine.Torch, BenchEngine.Onnx];

    /// <summary>The only form to time; null: both where the network folds, else as it is.</summary>
    public BenchForm? Form { get; init; }

    /// <summary>The only part of a model to time, such as <c>text</c>; null: decoders, and all parts with one input.</summary>
    public string? Part { get; init; }

    /// <summary>Tokens of the prompt of decoders, which the timed step follows.</summary>
    /// <value>Default 256.</value>
    public int Tokens { get; init; } = 256;

    /// <summary>Memory layout of convolutions in the torch engine.</summary>
    /// <value>Default <c>Auto</c>: channels innermost on the CPU, where that was measured faster.</value>
    public ChannelsLast Layout { get; init; }

    /// <summary>Number type inside the torch engine; what goes in and out is float32 in any case.</summary>
    /// <value>Default <c>Auto</c>: as the weights are. bf16 changes outputs in the third digit, so one has to ask for it.</value>
    public Precision Precision { get; init; }

    /// <summary>Measured runs of each case.</summary>
    /// <value>Default 20.</value>
    public int Rounds { get; init; } = 20;

    /// <summary>Runs of each case before that.</summary>
    /// <value>Default 3.</value>
    public int Warmup { get; init; } = 3;

    /// <summary>Seconds after which no further round begins, though three are always made; null: no limit.</summary>
    public double? Seconds { get; init; }

    /// <summary>Threads of both engines; null: as many as torch uses.</summary>
    public int? Threads { get; init; }

    /// <summary>Whether the peak memory of each case is measured too, in a process of its own; some seconds a case.</summary>
    /// <value>Default true.</value>
    public bool Memory { get; init; } = true;

    /// <summary>Largest difference of outputs between engines and forms, over the largest output; not for bf16.</summary>
    /// <value>Default 1e-4.</value>
    public double Tolerance { get; init; } = 1e-4;

    internal void Check()
    {
        var problems = new List<string>();
        problems.AddRange(Resolutions.Where(n => n < 1).Select(n => $"resolution {n}: expected a positive number of pixels"));
        problems.AddRange(Batches.Where(n => n < 1).Select(n => $"batch {n}: expected at least one sample"));
        if (Batches.Count == 0)
            problems.Add("no batch size: give at least one");
        if (Engines.Count == 0)
            problems.Add("no engine: give torch, onnx or both");
        if (Tokens < 1)
            problems.Add($"tokens {Tokens}: expected at least one");
        if (Rounds < 1)
            problems.Add($"rounds {Rounds}: expected at least one");
        if (Warmup < 0)
            problems.Add($"warmup {Warmup}: expected none or more");
        if (Seconds is { } seconds && !(seconds > 0 && seconds < TimeSpan.MaxValue.TotalSeconds))
            problems.Add($"seconds {seconds}: expected a positive number");
        if (Threads is < 1)
            problems.Add($"threads {Threads}: expected at least one");
        RecipesException.ThrowIfAny("there is nothing to time:", problems);
    }
}
