namespace Recipes.Reproductions;

/// <summary>The paper's value, as text with its unit, and where it stands.</summary>
public readonly record struct PaperValue(string Where, string Value);

/// <summary>A claim before it is measured: the paper's words and value, how to measure ours, and what holds.</summary>
public sealed record ClaimDefinition
{
    /// <summary>A short path, for example <c>fold/exact/s0</c>.</summary>
    public required string Id { get; init; }

    /// <summary>One sentence.</summary>
    public required string Statement { get; init; }

    /// <summary>Exact, ratio or trend.</summary>
    public required ClaimKind Kind { get; init; }

    /// <summary>The paper's value with its unit; empty where the paper gives none.</summary>
    public string Paper { get; init; } = "";

    /// <summary>Where it stands in the paper.</summary>
    public string Where { get; init; } = "";

    /// <summary>The unit of our value.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Measures ours from the run's results.</summary>
    public required Func<Results, Measured> Measure { get; init; }

    /// <summary>What the value is held against.</summary>
    public required Bound Bound { get; init; }

    /// <summary>A claim in reading order: what, how strict, the paper's words, how to measure, what holds.</summary>
    public static ClaimDefinition Of(
        string id,
        ClaimKind kind,
        string statement,
        PaperValue paper,
        string unit,
        Func<Results, Measured> measure,
        Bound bound
    ) =>
        new()
        {
            Id = id,
            Kind = kind,
            Statement = statement,
            Paper = paper.Value,
            Where = paper.Where,
            Unit = unit,
            Measure = measure,
            Bound = bound,
        };

    /// <summary>Measures and judges. Trends need more than smoke scale.</summary>
    public Claim Judge(string reproduction, Results results)
    {
        var claim = new Claim
        {
            Reproduction = reproduction,
            Id = Id,
            Statement = Statement,
            Kind = Kind,
            Paper = Paper,
            Where = Where,
            Unit = Unit,
            Tolerance = Bound.Text,
            Verdict = Verdict.NotAttempted,
            Scale = results.Settings.Scale.ToString().ToLowerInvariant(),
            Seeds = results.Seeds,
        };
        if (Kind == ClaimKind.Trend && results.Settings.Scale == Scale.Smoke)
            return claim with { Reason = "scale: a trend needs more training than smoke gives" };
        try
        {
            var measured = Measure(results);
            var holds = double.IsFinite(measured.Value) && Bound.Holds(measured.Value);
            return claim with
            {
                Measured = double.IsFinite(measured.Value) ? measured.Value : null,
                Verdict = holds ? Verdict.Holds : Verdict.Fails,
                Reason = double.IsFinite(measured.Value) ? measured.Note : $"the measured value is {measured.Value}",
            };
        }
        catch (NotAttemptedException e)
        {
            return claim with { Reason = e.Message };
        }
    }
}
