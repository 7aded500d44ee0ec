using Recipes.Display;

namespace Recipes.Training;

/// <summary>Errors of predicted depth p against true depth t, over pixels.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record DepthResult : IDisplay
{
    /// <summary>Pixels with a true depth.</summary>
    public required long Pixels { get; init; }

    /// <summary>√mean (p − t)², in the unit of depth.</summary>
    public required double Rmse { get; init; }

    /// <summary>√mean (ln p − ln t)².</summary>
    public required double RmseLog { get; init; }

    /// <summary>Standard deviation of ln p − ln t: what is left when a factor on all depths is free.</summary>
    public required double ScaleInvariant { get; init; }

    /// <summary>Mean |log₁₀ p − log₁₀ t|.</summary>
    public required double Log10 { get; init; }

    /// <summary>Mean |p − t|, in the unit of depth.</summary>
    public required double Absolute { get; init; }

    /// <summary>Mean |p − t| / t.</summary>
    public required double Relative { get; init; }

    /// <summary>Share of pixels with max(p/t, t/p) below 1.25.</summary>
    public required double Delta1 { get; init; }

    /// <summary>The same below 1.25².</summary>
    public required double Delta2 { get; init; }

    /// <summary>The same below 1.25³.</summary>
    public required double Delta3 { get; init; }

    /// <summary>One row.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show() =>
        Table
            .With(
                Column.Number("Pixels"),
                Column.Number("RMSE"),
                Column.Number("RMSE log"),
                Column.Number("abs rel"),
                Column.Number("log10"),
                Column.Number("δ < 1.25", "%", "0.0"),
                Column.Number("δ < 1.25²", "%", "0.0"),
                Column.Number("δ < 1.25³", "%", "0.0")
            )
            .Row(Pixels, Rmse, RmseLog, Relative, Log10, 100 * Delta1, 100 * Delta2, 100 * Delta3);
}
