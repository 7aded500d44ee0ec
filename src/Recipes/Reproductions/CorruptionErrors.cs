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
    public static Spread Mean(ArmResults arm, ArmResults baseline) => Of(arm, baseline, _ => 0);

    /// <summary>
    /// Relative mCE, in percent: the same of how much errors grow over those on clean pictures, so that the better classifier is not
    /// the more robust one for that alone.
    /// </summary>
    public static Spread Relative(ArmResults arm, ArmResults baseline) => Of(arm, baseline, run => 100 - run["top1"]);

    // Pairs of runs of one seed.
    private static Spread Of(ArmResults arm, ArmResults baseline, Func<ArmResult, double> clean)
    {
        return new([
            .. arm.Runs.Zip(baseline.Runs, (ours, theirs) => Corruption.Kinds.Average(k => 100 * Errors(ours, k) / Errors(theirs, k))),
        ]);

        double Errors(ArmResult run, CorruptionKind kind) => Corruption.Of(kind).Sum(c => 100 - run[Number(c)] - clean(run));
    }
}
