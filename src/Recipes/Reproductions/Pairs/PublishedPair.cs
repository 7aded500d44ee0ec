using System.Globalization;

namespace Recipes.Reproductions;

/// <summary>Costs of a network of images and captions as the official code has them.</summary>
/// <param name="Name">Short, for example <c>S0</c>.</param>
/// <param name="Image">Parameters of the image tower, train-time.</param>
/// <param name="ImageFolded">The same, folded.</param>
/// <param name="Text">Parameters of the text tower, train-time.</param>
/// <param name="TextFolded">The same, folded.</param>
/// <param name="Total">All parameters, train-time, the logit scale included.</param>
/// <param name="TotalFolded">The same, folded.</param>
/// <param name="ImageMacs">Multiply-accumulates of the image tower in thousand millions, train-time, to three decimals.</param>
/// <param name="ImageMacsFolded">The same, folded.</param>
/// <param name="TextMacs">Multiply-accumulates of the text tower.</param>
/// <param name="Keys">Entries of the state dict, train-time.</param>
/// <param name="KeysFolded">The same, folded.</param>
public sealed record PublishedPair(
    string Name,
    long Image,
    long ImageFolded,
    long Text,
    long TextFolded,
    long Total,
    long TotalFolded,
    double ImageMacs,
    double ImageMacsFolded,
    double TextMacs,
    int Keys,
    int KeysFolded
)
{
    /// <summary>One claim for each number of each network.</summary>
    /// <param name="published">The networks.</param>
    /// <param name="ours">Ours, in the same order.</param>
    public static IReadOnlyList<ClaimDefinition> Claims(
        IReadOnlyList<PublishedPair> published,
        Measurement<IReadOnlyList<PairCost>> ours
    ) =>
        [
            .. published.SelectMany(
                (p, i) =>
                    new[]
                    {
                        Whole("parameters/image/train", "parameters of the image tower, train-time", p.Image, c => c.Image.Parameters),
                        Whole("parameters/image/folded", "parameters of the image tower, folded", p.ImageFolded, c => c.Image.Folded),
                        Whole("parameters/text/train", "parameters of the text tower, train-time", p.Text, c => c.Text.Parameters),
                        Whole("parameters/text/folded", "parameters of the text tower, folded", p.TextFolded, c => c.Text.Folded),
                        Whole("parameters/total/train", "all parameters, train-time", p.Total, c => c.Parameters),
                        Whole("parameters/total/folded", "all parameters, folded", p.TotalFolded, c => c.Folded),
                        Whole("keys/train", "entries of the checkpoint, train-time", p.Keys, c => c.Keys),
                        Whole("keys/folded", "entries of the checkpoint, folded", p.KeysFolded, c => c.FoldedKeys),
                        Macs("macs/image/train", "multiply-accumulates of an image, train-time", p.ImageMacs, c => c.Image.Macs),
                        Macs("macs/image/folded", "multiply-accumulates of an image, folded", p.ImageMacsFolded, c => c.Image.FoldedMacs),
                        Macs("macs/text", "multiply-accumulates of a caption", p.TextMacs, c => c.Text.Macs),
                    }.Select(make => make(p.Name, i, ours))
            ),
            .. published
                .Select((p, i) => (p.Name, Index: i, Folds: p.Image != p.ImageFolded))
                .Where(p => p.Folds)
                .SelectMany(p =>
                    new[] { Fold("image", p.Name, p.Index, ours, c => c.Image), Fold("text", p.Name, p.Index, ours, c => c.Text) }
                ),
        ];

    private static ClaimDefinition Fold(
        string tower,
        string name,
        int index,
        Measurement<IReadOnlyList<PairCost>> ours,
        Func<PairCost, TowerCost> of
    ) =>
        ClaimDefinition.Of(
            $"fold/{tower}/{name.ToLowerInvariant()}",
            ClaimKind.Exact,
            $"{name}: folding leaves the {tower} embedding as it is.",
            new PaperValue("official code", "3e-6"),
            "relative",
            run => new Measured(of(run.Get(ours)[index]).Difference, "layer scales 0.5 to 1.5"),
            Bound.AtMost(2e-5)
        );

    private delegate ClaimDefinition Make(string name, int index, Measurement<IReadOnlyList<PairCost>> ours);

    private static Make Whole(string id, string what, long value, Func<PairCost, long> measure) =>
        (name, index, ours) =>
            ClaimDefinition.Of(
                $"{id}/{name.ToLowerInvariant()}",
                ClaimKind.Exact,
                $"{name}: {what}, are those of the official code.",
                new PaperValue("official code", value.ToString("N0", CultureInfo.InvariantCulture)),
                "",
                run => new Measured(measure(run.Get(ours)[index])),
                Bound.Exactly(value)
            );

    private static Make Macs(string id, string what, double value, Func<PairCost, long> measure) =>
        (name, index, ours) =>
            ClaimDefinition.Of(
                $"{id}/{name.ToLowerInvariant()}",
                ClaimKind.Exact,
                $"{name}: {what}, are those of the official code, to 0.05 %.",
                new PaperValue("official code", value.ToString("F3", CultureInfo.InvariantCulture) + " G"),
                "G",
                run => new Measured(measure(run.Get(ours)[index]) / 1e9),
                Bound.Within(value, Math.Max(6e-4, 5e-4 * value))
            );
}
