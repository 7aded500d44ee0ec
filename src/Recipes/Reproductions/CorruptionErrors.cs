using System.Globalization;
using Recipes.Data;

namespace Recipes.Reproductions;

/// <summary>
/// What arms say of corrupted test pictures, over seeds. Errors are set against those of a baseline, as ImageNet-C does
/// (arXiv 1903.12261, sec. 4.2), so that hard and easy corruptions count alike.
/// </summary>
public static class CorruptionErrors
{
    /// <summary>The name of an arm's number: top-1 in percent after a corruption, for example <c>jpeg_3</c>.</summary>
    public static string Number(Corruption corruption) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{char.ToLowerInvariant(corruption.Kind.ToString()[0])}{corruption.Kind.ToString()[1..]}_{corruption.Severity}"
        );

    /// <summary>Top-1 in percent after a corruption, over seeds.</summary>
    /// <exception cref="NotAttemptedException">The arm was not tested on it.</exception>
    public static Spread Top1(this ArmResults arm, Corruption corruption) => arm[Number(corruption)];

    /// <summary>
    /// mCE, in percent: for each kind the errors summed over severities, over the baseline's; the mean of kinds. Below 100 is more
    /// robust than the baseline.
    /// </summary>
    public static Spread Mean(ArmResults arm, ArmResults baseline) =>
        Each(arm, baseline, (ours, theirs) => 100 * Corruption.Kinds.Average(kind => Errors(ours, kind) / Errors(theirs, kind)));

    /// <summary>
    /// Relative mCE, in percent: how much errors grow over those on clean pictures, against the baseline's, so that the better
    /// classifier is not the more robust one for that alone. Kinds are summed before dividing, because a mild one may not raise a
    /// baseline's errors at all.
    /// </summary>
    /// <exception cref="NotAttemptedException">Corruptions do not raise the baseline's errors.</exception>
    public static Spread Relative(ArmResults arm, ArmResults baseline) =>
        Each(
            arm,
            baseline,
            (ours, theirs) =>
                Growth(theirs) is > 0 and var growth
                    ? 100 * Growth(ours) / growth
                    : throw new NotAttemptedException($"corruptions do not raise the errors of '{baseline.Arm}'")
        );

    // Pairs of runs of one seed.
    private static Spread Each(ArmResults arm, ArmResults baseline, Func<ArmResult, ArmResult, double> measure) =>
        new([.. arm.Runs.Zip(baseline.Runs, measure)]);

    private static double Errors(ArmResult run, CorruptionKind kind) => Corruption.Of(kind).Sum(c => 100 - run[Number(c)]);

    private static double Growth(ArmResult run) => Corruption.Of(Corruption.Kinds).Sum(c => run["top1"] - run[Number(c)]);
}
