using System.Globalization;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

/// <summary>What a golden file is compared with: a module, how to run it, and how its names become the file's.</summary>
/// <param name="Module">The train-time form.</param>
/// <param name="Run">From the file's inputs by name to outputs by name; called once, with hooks on the sub-modules.</param>
internal sealed record ParitySubject(Module Module, Func<IReadOnlyDictionary<string, Tensor>, IEnumerable<(string Name, Tensor Value)>> Run)
{
    /// <summary>From our state_dict key or module path to the file's.</summary>
    public Func<string, string> Rename { get; init; } = name => name;

    /// <summary>Whether the file lists its state_dict in our order; other implementations of a network may not.</summary>
    public bool SameOrder { get; init; } = true;

    /// <summary>From the file's name of a checkpoint to the renamed module that computes it; itself where they are one.</summary>
    public Func<string, string> Checkpoint { get; init; } = name => name;

    /// <summary>From a sub-module's output to the file's layout.</summary>
    public Func<string, Tensor, Tensor> Layout { get; init; } = (_, value) => value;

    /// <summary>Multiply-accumulates without attention products, as the file counts them: key, or "" for a single number.</summary>
    public IReadOnlyDictionary<string, Func<Module, long>> Macs { get; init; } =
        new Dictionary<string, Func<Module, long>>(StringComparer.Ordinal);

    /// <summary>Modules outside of <see cref="Module"/> that take part, with the prefix of their names.</summary>
    public IReadOnlyList<(string Prefix, Module Module)> Others { get; init; } = [];

    /// <summary>Whether the values of a folded file come from the folded names, instead of folding.</summary>
    public bool FoldFirst { get; init; }

    /// <summary>The number of layers in a variant such as <c>vit-l-14-2layer</c>; null where the variant has all of them.</summary>
    public static int? Layers(GoldenFile golden) =>
        Regex.Match(golden.Variant, @"(?:^|-)(\d+)layer(?:-|$)") is { Success: true } found
            ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
            : null;

    /// <summary>An image network whose only output is the file's first.</summary>
    public static ParitySubject Image(Module<Tensor, Tensor> network, GoldenFile golden)
    {
        var input = golden.Inputs[0];
        return new ParitySubject(network, inputs => [(golden.Outputs[0].Name, network.call(inputs[input.Name]))])
        {
            Macs = new Dictionary<string, Func<Module, long>>(StringComparer.Ordinal) { [""] = m => Count(m, input.Sizes()) },
        };
    }

    /// <summary>Multiply-accumulates of an image network, attention products left out.</summary>
    public static long Count(Module network, long[] batch)
    {
        var profile = Models.Profile.Of((Module<Tensor, Tensor>)network, batch[1..]);
        return profile.Macs - profile.AttentionMacs;
    }
}
