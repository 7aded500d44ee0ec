using Recipes.Display;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>Times of several models from the image to the first token, measured side by side.</summary>
/// <param name="times">One for each model.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class FirstTokenTimes(IReadOnlyList<FirstTokenTime> times) : IDisplay
{
    /// <summary>All of them, in the order in which they were asked for.</summary>
    public IReadOnlyList<FirstTokenTime> All => times;

    /// <summary>Those with one image.</summary>
    public IReadOnlyList<FirstTokenTime> Whole => [.. times.Where(t => t.Work.Crops == 1)];

    /// <summary>Those with 2x2 tiles and an overview.</summary>
    public IReadOnlyList<FirstTokenTime> Tiled => [.. times.Where(t => t.Work.Crops == 5)];

    /// <summary>The one with an image of this many pixels a side.</summary>
    /// <exception cref="NotAttemptedException">It was not measured.</exception>
    public FirstTokenTime At(int resolution) =>
        Whole.FirstOrDefault(t => t.Work.Tower.Resolution == resolution)
        ?? throw new NotAttemptedException($"scale: {resolution} pixels are measured with larger settings");

    /// <summary>The one with 2x2 tiles of this many pixels a side.</summary>
    /// <exception cref="NotAttemptedException">It was not measured.</exception>
    public FirstTokenTime Tiles(int resolution) =>
        Tiled.FirstOrDefault(t => t.Work.Tower.Resolution == resolution)
        ?? throw new NotAttemptedException($"scale: tiles of {resolution} pixels are measured with larger settings");

    /// <summary>The one of this work's name.</summary>
    /// <exception cref="NotAttemptedException">It was not measured.</exception>
    public FirstTokenTime Of(FirstToken work) =>
        times.FirstOrDefault(t => t.Work.Name == work.Name)
        ?? throw new NotAttemptedException($"scale: {work.Name} is measured with larger settings");

    /// <summary>Measures models, all their parts taking turns (<see cref="TimeToFirstToken.Measure"/>).</summary>
    /// <param name="works">What to compute.</param>
    /// <param name="rounds">Measured passes of each part.</param>
    /// <param name="warmup">Passes before that.</param>
    /// <param name="dtype">Type of weights, images and activations.</param>
    public static FirstTokenTimes Measure(
        IEnumerable<FirstToken> works,
        int rounds = 3,
        int warmup = 0,
        ScalarType dtype = ScalarType.BFloat16
    ) => new(TimeToFirstToken.Measure([.. works], rounds, warmup, dtype));

    /// <summary>Costs and times of each model, part by part.</summary>
    public string ToHtml() => Costs().ToHtml();

    /// <summary>Costs and times of each model, part by part, as text.</summary>
    public override string ToString() => Costs().ToString();

    private Table Costs() =>
        Table
            .From(
                times,
                (Column.Text("model"), t => t.Work.Name),
                (Column.Number("tokens", "", "#,0"), t => t.Work.ImageTokens),
                (Column.Number("encoder", "GMACs", "#,0"), t => t.Work.EncoderMacs / 1e9),
                (Column.Number("prefill", "GMACs", "#,0"), t => t.Work.PrefillMacs / 1e9),
                (Column.Number("encoder", "ms", "#,0"), t => t.Encoder.Median),
                (Column.Number("prefill", "ms", "#,0"), t => t.Prefill.Median),
                (Column.Number("total", "ms", "#,0"), t => t.Total),
                (Column.Number("speed", "GMAC/s", "0"), t => t.Work.Macs / t.Total / 1e6)
            )
            .Caption("One image up to the first token: medians of passes in turn; products within attention count.");
}
