using Recipes.Data;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Reproductions.Parity;
using Recipes.Verbs;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>What an encoder with a head costs, and how folding leaves its predictions.</summary>
/// <param name="Encoder">The encoder's name.</param>
/// <param name="Head">The kind of head.</param>
/// <param name="EncoderParameters">Parameters of the encoder, folded, its own head among them.</param>
/// <param name="Parameters">Parameters of the whole network, folded.</param>
/// <param name="Macs">Multiply-accumulates of a picture of that size, folded.</param>
/// <param name="Strides">Of the maps that the head gets, in pixels.</param>
/// <param name="Difference">Largest relative difference of predictions that folding makes; 0 where nothing folds.</param>
public sealed record DenseCost(
    string Encoder,
    string Head,
    long EncoderParameters,
    long Parameters,
    long Macs,
    IReadOnlyList<int> Strides,
    double Difference
)
{
    // Swin-L with UPerNet, as usually quoted (fact sheet, sec. 1).
    private const double SwinLarge = 234e6;

    /// <summary>Measures encoders with a head for segmentation, with random weights, layer scales and batch statistics.</summary>
    /// <param name="encoders">The encoders.</param>
    /// <param name="head">The head.</param>
    /// <param name="classes">Classes of pixels.</param>
    /// <param name="size">Pixels a side.</param>
    public static IReadOnlyList<DenseCost> Measure(IReadOnlyList<ModelSpec> encoders, DenseHeadSpec head, int classes, int size) =>
        [.. encoders.Select(e => Measure(e, head, classes, size))];

    /// <summary>What is claimed of MCi2 and of ViT-B/16 under a head.</summary>
    /// <param name="costs">Measured, both among them.</param>
    public static IReadOnlyList<ClaimDefinition> Claims(Measurement<IReadOnlyList<DenseCost>> costs)
    {
        return
        [
            ClaimDefinition.Of(
                "size",
                ClaimKind.Ratio,
                "MCi2 under UPerNet is several times smaller than Swin-L under UPerNet.",
                new PaperValue("claim 4", "6.1 times, of 234 M"),
                "x",
                run => new Measured(
                    SwinLarge / Of(run, "mci2").Parameters,
                    $"{Of(run, "mci2").Parameters / 1e6:F1} M, a head of 512 channels"
                ),
                Bound.AtLeast(3)
            ),
            ClaimDefinition.Of(
                "fold",
                ClaimKind.Exact,
                "Folding MCi2 under a head leaves its predictions as they are.",
                new PaperValue("official code", "3e-6 for the encoder"),
                "relative",
                run => new Measured(Of(run, "mci2").Difference, "layer scales 0.5 to 1.5"),
                Bound.AtMost(1e-4)
            ),
            ClaimDefinition.Of(
                "maps/mci2",
                ClaimKind.Exact,
                "MCi2 gives the head four maps, the finest of stride 4.",
                new PaperValue("MobileCLIP's code", "4, 8, 16, 32"),
                "maps",
                run => new Measured(
                    Of(run, "mci2").Strides.Count(s => s is 4 or 8 or 16 or 32),
                    string.Join(", ", Of(run, "mci2").Strides)
                ),
                Bound.Exactly(4)
            ),
            ClaimDefinition.Of(
                "maps/vit",
                ClaimKind.Exact,
                "ViT-B/16 gives one, of the stride of its patches; ViTDet's pyramid makes four of it.",
                new PaperValue("GBC, sec. C", "ViTDet"),
                "pixels",
                run => new Measured(Of(run, "mobileclip_b_image").Strides.Single(), "its stride"),
                Bound.Exactly(16)
            ),
        ];

        DenseCost Of(Results run, string encoder) => run.Get(costs).Single(c => c.Encoder == encoder);
    }

    private static DenseCost Measure(ModelSpec spec, DenseHeadSpec head, int classes, int size)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = DenseNetwork.Over(spec.Build(), head, DenseTask.Segmentation, classes);
        SeededWeights.Fill(network, new SeedScales(1.75, 0.5, 1, 0.05, 10000));
        network.eval();
        var strides = ((IDenseBackbone)network.Backbone).FeatureMaps(head.Taps).Select(m => m.Stride);
        var folds = Modules.Reparameterizable(network).Any();
        var folded = folds ? network.Reparameterize(new ReparameterizeOptions { Tolerance = 1e-3 }) : null;
        var final = folded?.Model ?? network;
        var cost = new DenseCost(
            spec.Name,
            head.GetType().Name.Replace("Spec", "", StringComparison.Ordinal),
            final.Backbone.parameters().Sum(p => p.numel()),
            final.parameters().Sum(p => p.numel()),
            Profile.Of(final, 3, size, size).Macs,
            [.. strides],
            folded?.Evidence.RelativeDifference ?? 0
        );
        folded?.Model.Dispose();
        return cost;
    }
}
