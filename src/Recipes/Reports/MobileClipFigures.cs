using System.Globalization;
using Recipes.Data;
using Recipes.Display;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Reproductions;
using static TorchSharp.torch;

namespace Recipes.Reports;

/// <summary>What MobileCLIP's report and notebook show.</summary>
public static class MobileClipFigures
{
    /// <summary>Scenes with a caption of each kind.</summary>
    /// <param name="scenes">The scenes.</param>
    /// <param name="made">Captions that a captioner made of them; null leaves them out.</param>
    public static IReadOnlyList<IDisplay> Captions(IReadOnlyList<Scene> scenes, IReadOnlyList<string>? made = null) =>
        [
            new PictureGrid(
                $"{scenes.Count} scenes",
                scenes.Select((s, i) => new Picture(ImageBytes.ToPng(s.Draw(96), 96, 96), (i + 1).ToString(CultureInfo.InvariantCulture)))
            ),
            Table
                .From(
                    scenes.Select((s, i) => (Scene: s, Number: i)),
                    [
                        (Column.Number("Scene"), s => s.Number + 1),
                        (Column.Text("Alt-text"), s => s.Scene.Caption(SceneCaption.AltText)),
                        (Column.Text("Names"), s => s.Scene.Caption(SceneCaption.Names)),
                        (Column.Text("Short"), s => s.Scene.Caption(SceneCaption.Short)),
                        (Column.Text("Detailed"), s => s.Scene.Caption(SceneCaption.Detailed)),
                        .. made is null
                            ? []
                            : new (Column, Func<(Scene Scene, int Number), object?>)[] { (Column.Text("Made"), s => made[s.Number]) },
                    ]
                )
                .Caption("The same pictures, described as the web does, by names alone, as in COCO, and with everything."),
        ];

    /// <summary>The pictures that captions find: the nearest ones of a set, the right one marked.</summary>
    /// <param name="network">An encoder of images and captions.</param>
    /// <param name="set">The pictures; each is looked for by its own caption.</param>
    /// <param name="loader">How they come to the network.</param>
    /// <param name="queries">Which captions.</param>
    /// <param name="nearest">Pictures shown for each.</param>
    public static IReadOnlyList<IDisplay> Found(
        ImageTextNetwork network,
        ICaptionedSet set,
        CaptionLoader loader,
        IReadOnlyList<int> queries,
        int nearest = 5
    )
    {
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(network);
        using var _ = no_grad();
        var images = new List<Tensor>();
        foreach (
            var batch in new Training.CaptionBatches(loader with { Augment = null, Shuffle = false }).Epoch(new Training.EpochRequest(0))
        )
        {
            using var owned = batch;
            images.Add(network.EncodeImage(batch.Inputs));
        }
        var all = cat(images, 0);
        return
        [
            .. queries.Select(query =>
            {
                var caption = set.Captions(query)[0];
                var text = network.EncodeText(loader.Tokenizer.Encode([caption], loader.Context));
                var found = all.matmul(text.t()).squeeze(1).topk(nearest).indexes.data<long>().ToArray();
                return new PictureGrid(
                    caption,
                    found.Select(i =>
                    {
                        var picture = set.Image((int)i).Resize(96, 96);
                        return new Picture(picture.ToPng(), set.Captions((int)i)[0], mark: i == query ? Mark.Right : Mark.None);
                    })
                );
            }),
        ];
    }

    /// <summary>Costs of the networks beside those of the official code, and their latency here.</summary>
    public static Table Costs(IReadOnlyList<PublishedPair> published, IReadOnlyList<PairCost> ours) =>
        Table
            .From(
                published.Zip(ours, (paper, own) => (paper, own)),
                (Column.Text("Network"), r => r.paper.Name),
                (Column.Number("Parameters", "", "#,0"), r => r.own.Parameters),
                (Column.Number("official", "", "#,0"), r => r.paper.Total),
                (Column.Number("Image", "GMACs", "0.000"), r => r.own.Image.FoldedMacs / 1e9),
                (Column.Number("official", "GMACs", "0.000"), r => r.paper.ImageMacsFolded),
                (Column.Number("Text", "GMACs", "0.000"), r => r.own.Text.FoldedMacs / 1e9),
                (Column.Number("Image here", "ms", "0.0"), r => r.own.Image.After.Median),
                (Column.Number("Text here", "ms", "0.0"), r => r.own.Text.After.Median),
                (Column.Number("Folding moves by", "", "0.0e0"), r => Math.Max(r.own.Image.Difference, r.own.Text.Difference))
            )
            .Caption("One image, one caption, folded, on this CPU. The paper's latencies are those of a phone's neural engine.");

    /// <summary>What a training step costs, and how many times a plain one.</summary>
    public static Table Steps(PairEpochs steps) =>
        Table
            .From(
                new[]
                {
                    ("plain", steps.Plain),
                    ("reinforced, one caption", steps.Reinforced),
                    ("reinforced, real and synthetic", steps.Both),
                    ("teachers at each step", steps.OnlineTeachers),
                    ("teachers and captioner at each step", steps.Online),
                },
                (Column.Text("Training"), r => r.Item1),
                (Column.Number("A step", "ms"), r => r.Item2.Median),
                (Column.Number("Times plain", "x", "0.00"), r => r.Item2.Median / steps.Plain.Median)
            )
            .Caption("Medians of steps in turn; a real and a synthetic caption are two captions to encode.");

    /// <summary>Zero-shot accuracy by images seen, with the range over seeds; nothing where the arms did not run for two epochs.</summary>
    /// <param name="results">A run.</param>
    /// <param name="images">Images of an epoch.</param>
    /// <param name="arms">The arms.</param>
    public static IReadOnlyList<IDisplay> Learning(Results results, int images, IReadOnlyList<string> arms)
    {
        var curves = Ran(results, arms).Where(arm => arm.Runs[0].Curve.Count > 1).ToList();
        return curves.Count == 0
            ? []
            :
            [
                Charts.Curves(
                    "Zero-shot accuracy by images seen",
                    "images seen",
                    "zero-shot (%)",
                    curves.Select(arm =>
                        Series.OverSeeds(
                            arm.Arm,
                            arm.Runs[0].Curve.Select(point => point.Epoch * images),
                            arm.Runs.Select(run => run.Curve.Select(point => point.Top1))
                        )
                    )
                ),
            ];
    }

    /// <summary>Accuracy and retrieval of arms, and their difference to the first.</summary>
    /// <param name="results">A run.</param>
    /// <param name="arms">The arms; those that did not run are left out.</param>
    /// <param name="caption">What the numbers are; null for those of Scenes.</param>
    public static IReadOnlyList<IDisplay> Arms(Results results, IReadOnlyList<string> arms, string? caption = null)
    {
        var ran = Ran(results, arms).ToList();
        if (ran.Count == 0)
            return [];
        return
        [
            Table
                .From(
                    ran,
                    (Column.Text("arm"), a => a.Arm),
                    (Column.Number(caption is null ? "zero-shot" : "top-1", "%", "0.0"), a => a.Top1.Mean),
                    (
                        Column.Text("by seed"),
                        a => string.Join("  ", a.Top1.Values.Select(v => v.ToString("0.0", CultureInfo.InvariantCulture)))
                    ),
                    (Column.Number("against the first", "points", "+0.0;-0.0;0"), a => a == ran[0] ? null : a.Top1.Mean - ran[0].Top1.Mean),
                    (Column.Number("text to image R@5", "%", "0.0"), a => a["t2i_recall5"].Mean),
                    (Column.Number("image to text R@5", "%", "0.0"), a => a["i2t_recall5"].Mean),
                    (Column.Number("left out", "", "0"), a => a.Has("left_out") ? a["left_out"].Mean : null)
                )
                .Caption(caption ?? "Zero-shot: 80 classes of colour and shape. Retrieval: detailed captions of the test scenes."),
        ];
    }

    private static IEnumerable<ArmResults> Ran(Results results, IReadOnlyList<string> arms) =>
        arms.Where(results.Arms.Contains).Select(name => results[name]);
}
