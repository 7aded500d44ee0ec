using Recipes.Layers;
using Recipes.Models;
using Recipes.Reproductions.Parity;
using Recipes.Verbs;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>One tower, train-time and folded.</summary>
/// <param name="Parameters">Train-time.</param>
/// <param name="Folded">Folded.</param>
/// <param name="Macs">Multiply-accumulates of one image or caption, train-time, products of attention included.</param>
/// <param name="FoldedMacs">Folded.</param>
/// <param name="Difference">Largest difference of the embeddings of both forms, relative to the largest value.</param>
/// <param name="Train">Latency of one image or caption, train-time.</param>
/// <param name="After">The same, folded.</param>
public sealed record TowerCost(long Parameters, long Folded, long Macs, long FoldedMacs, double Difference, Latency Train, Latency After);

/// <summary>A network of images and captions, train-time and folded, with random weights and batch statistics.</summary>
/// <param name="Name">The spec's name.</param>
/// <param name="Image">The image tower, without the logit scale.</param>
/// <param name="Text">The text tower.</param>
/// <param name="Parameters">Of the whole, train-time.</param>
/// <param name="Folded">Of the whole, folded.</param>
/// <param name="Keys">Entries of the state dict, train-time.</param>
/// <param name="FoldedKeys">Folded.</param>
public sealed record PairCost(string Name, TowerCost Image, TowerCost Text, long Parameters, long Folded, int Keys, int FoldedKeys)
{
    /// <summary>Measures specs one after another; the passes of a network's two forms and towers take turns.</summary>
    /// <param name="specs">What to build.</param>
    /// <param name="rounds">Timed passes.</param>
    public static IReadOnlyList<PairCost> Measure(IEnumerable<ImageTextSpec> specs, int rounds = 7) =>
        [.. specs.Select(s => Measure(s, rounds))];

    private static PairCost Measure(ImageTextSpec spec, int rounds)
    {
        using var scope = NewDisposeScope();
        using var train = spec.Build();
        // As in FoldTable: layer scales of order one, so that a wrong fold of a mixer shows.
        SeededWeights.Fill(train, new SeedScales(1.75, 0.5, 1, 0.05, 10000));
        train.eval();
        // B has nothing to fold.
        using var folded = Modules.Reparameterizable(train).Any() ? train.Reparameterize().Model : null;
        var after = folded ?? train;
        var size = spec.Resolution;
        var (towers, others) = (train.Towers, after.Towers);
        var times = Latency.Compare([.. towers.Concat(others).Select(t => (Action)(() => t.Run(size).Dispose()))], rounds);
        var costs = towers.Select((t, i) => Cost(train, t, after, others[i], size, times[i], times[towers.Count + i])).ToList();
        return new PairCost(spec.Name, costs[0], costs[1], Count(train), Count(after), Entries(train), Entries(after));
    }

    private static TowerCost Cost(
        ImageTextNetwork train,
        Tower before,
        ImageTextNetwork folded,
        Tower after,
        int size,
        Latency trainTime,
        Latency afterTime
    )
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var (a, b) = (before.Run(size), after.Run(size));
        return new TowerCost(
            before.Parameters,
            after.Parameters,
            Macs(train, before, size),
            Macs(folded, after, size),
            ((a - b).abs().max() / a.abs().max()).to(ScalarType.Float64).item<double>(),
            trainTime,
            afterTime
        );
    }

    private static long Macs(ImageTextNetwork network, Tower tower, int size) => Profile.Of(network, () => tower.Run(size).Dispose()).Macs;

    private static long Count(nn.Module network) => network.parameters().Sum(p => p.numel());

    private static int Entries(nn.Module network) => network.state_dict().Count;
}
