using System.Text.Json.Serialization;
using Recipes.Weights;

namespace Recipes.Training;

/// <summary>What training gave. The module itself holds the trained weights; this holds the averaged ones, if any.</summary>
public sealed record TrainResult : IDisposable
{
    /// <summary>One row for each epoch.</summary>
    public required IReadOnlyList<EpochRow> History { get; init; }

    /// <summary>The trained weights on the test set; null without one.</summary>
    public Evaluation? Final { get; init; }

    /// <summary>The averaged weights on the test set; null without one or the other.</summary>
    public Evaluation? FinalEma { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Steps left out because something was not finite.</summary>
    public int Skipped { get; init; }

    /// <summary>The step that this process went on from; 0 if it began.</summary>
    public long ResumedAt { get; init; }

    /// <summary>Time spent on the run, earlier processes included, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>The process's largest resident memory so far, in bytes.</summary>
    public long PeakMemory { get; init; }

    /// <summary>Live tensors of the loop's thread after this process's second step.</summary>
    public long LiveTensorsEarly { get; init; }

    /// <summary>Live tensors of the loop's thread after the last step; equal to <see cref="LiveTensorsEarly"/> unless something leaks.</summary>
    public long LiveTensorsLate { get; init; }

    /// <summary>The module's state with averaged weights and statistics; null without averaging. <c>Ema.Restore(module)</c> applies it.</summary>
    [JsonIgnore]
    public StateSnapshot? Ema { get; init; }

    /// <summary>Frees the averaged weights.</summary>
    public void Dispose() => Ema?.Dispose();
}
