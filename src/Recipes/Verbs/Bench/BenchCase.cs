using System.Text.Json.Serialization;
using Recipes.Models;

namespace Recipes.Verbs;

/// <summary>One thing that is timed.</summary>
/// <param name="Model">Name of the network.</param>
/// <param name="Part">Which part of it; empty for a network of one.</param>
/// <param name="Size">What goes in, such as <c>224 px</c> or <c>77 tokens</c>.</param>
/// <param name="Batch">Samples at once.</param>
/// <param name="Engine">What runs it.</param>
/// <param name="Form">Its form; null where it has only one.</param>
public sealed record BenchCase(string Model, string Part, string Size, int Batch, BenchEngine Engine, BenchForm? Form)
{
    /// <summary>What is computed, whoever computes it and in whichever form.</summary>
    internal string Task => $"{Name}, {Size}, batch {Batch}";

    /// <summary>Model and part.</summary>
    internal string Name => Part.Length > 0 ? $"{Model} {Part}" : Model;

    /// <summary>Engine and form.</summary>
    [JsonIgnore]
    public string Way => $"{(Engine == BenchEngine.Torch ? "torch" : "onnx")}{FormText(", ")}";

    internal string FormText(string before = "") =>
        Form switch
        {
            BenchForm.Folded => before + "folded",
            BenchForm.TrainTime => before + "train-time",
            _ => "",
        };
}

/// <summary>What a case took.</summary>
/// <param name="Case">The case.</param>
/// <param name="Latency">Milliseconds of one run.</param>
/// <param name="Throughput">Samples a second at the median; of decoders' prompts and steps, sequences.</param>
/// <param name="Faster">How many times faster than the first case of the same task: the median over rounds of the ratio.</param>
/// <param name="Memory">Bytes that were resident at the peak while it ran, beyond a process that has loaded the libraries; null where it was not measured.</param>
/// <param name="Difference">Of outputs from those of the first case of the same task, over the largest output.</param>
public sealed record BenchResult(BenchCase Case, Latency Latency, double Throughput, double Faster, long? Memory, double Difference);
