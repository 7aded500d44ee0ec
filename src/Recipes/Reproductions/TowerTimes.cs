using Recipes.Display;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>Latencies of encoders over resolutions; those of one resolution are measured side by side.</summary>
/// <param name="times">One for each encoder and resolution.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class TowerTimes(IReadOnlyList<TowerTime> times) : IDisplay
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<TowerTime> All => times;

    /// <summary>The time of an encoder at its resolution.</summary>
    /// <exception cref="NotAttemptedException">It was not measured.</exception>
    public TowerTime Of(VisionTower tower) =>
        times.FirstOrDefault(t => t.Tower.Name == tower.Name && t.Tower.Resolution == tower.Resolution)
        ?? throw new NotAttemptedException($"scale: {tower.Name} at {tower.Resolution} pixels is measured with larger settings");

    /// <summary>Measures the paper's encoders, resolution by resolution (<see cref="TimeToFirstToken.Encoders"/>).</summary>
    /// <param name="resolutions">For FastViTHD and FastViT.</param>
    /// <param name="largestOfPatches">The largest of them for the transformers ViT-L/14 and SigLIP-SO400M, whose costs grow faster.</param>
    /// <param name="rounds">Measured passes of each.</param>
    /// <param name="dtype">Type of the weights and the images.</param>
    public static TowerTimes Measure(
        IEnumerable<int> resolutions,
        int largestOfPatches,
        int rounds = 3,
        ScalarType dtype = ScalarType.BFloat16
    ) => new([.. resolutions.SelectMany(r => TimeToFirstToken.Encoders(Towers(r, r <= largestOfPatches), rounds, 0, dtype))]);

    /// <summary>Costs and latency of each.</summary>
    public string ToHtml() => Costs().ToHtml();

    /// <summary>Costs and latency of each, as text.</summary>
    public override string ToString() => Costs().ToString();

    private static VisionTower[] Towers(int resolution, bool patches) =>
        [
            VisionTower.FastVitHd(resolution),
            VisionTower.FastVit(resolution),
            .. patches ? [VisionTower.VitL14(resolution), VisionTower.So400M(resolution)] : Array.Empty<VisionTower>(),
        ];

    private Table Costs() =>
        Table
            .From(
                times,
                (Column.Text("encoder"), t => t.Tower.Name),
                (Column.Number("pixels", "", "0"), t => t.Tower.Resolution),
                (Column.Number("tokens", "", "#,0"), t => t.Tower.Tokens),
                (Column.Number("GMACs", "", "#,0.0"), t => t.Tower.Macs / 1e9),
                (Column.Number("latency", "ms", "#,0"), t => t.Time.Median),
                (Column.Number("speed", "GMAC/s", "0"), t => t.Tower.Macs / t.Time.Median / 1e6)
            )
            .Caption("One image: medians of passes in turn with the others of its resolution.");
}
