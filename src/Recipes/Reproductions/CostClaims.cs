using System.Globalization;
using Recipes.Models;

namespace Recipes.Reproductions;

/// <summary>A variant's costs as the paper prints them, and as the official code has them, which need not be the same.</summary>
/// <param name="Name">Short, for example <c>SA12</c>.</param>
/// <param name="PaperParameters">Of the paper's table, in millions.</param>
/// <param name="PaperMacs">Of the paper's table, in thousand millions.</param>
/// <param name="Train">Parameters of the official code, train-time.</param>
/// <param name="Folded">The same, folded.</param>
/// <param name="TrainMacs">Multiply-accumulates of the official code in millions, train-time, to one decimal.</param>
/// <param name="FoldedMacs">The same, folded.</param>
public sealed record PublishedCost(
    string Name,
    double PaperParameters,
    double PaperMacs,
    long Train,
    long Folded,
    double TrainMacs,
    double FoldedMacs
);

/// <summary>Claims on costs, one for each variant.</summary>
public static class CostClaims
{
    /// <summary>Parameters are exactly those of the official code, and MACs to the digit given, train-time and folded.</summary>
    /// <param name="published">The variants.</param>
    /// <param name="folds">Ours, in the same order.</param>
    public static IReadOnlyList<ClaimDefinition> Official(IReadOnlyList<PublishedCost> published, Measurement<IReadOnlyList<FoldRow>> folds)
    {
        return
        [
            .. Parameters("train", "train-time", p => p.Train, r => r.Evidence.Before),
            .. Parameters("folded", "folded", p => p.Folded, r => r.Evidence.After),
            .. Macs("train", "train-time", p => p.TrainMacs, r => r.Evidence.Before),
            .. Macs("folded", "folded", p => p.FoldedMacs, r => r.Evidence.After),
        ];

        IEnumerable<ClaimDefinition> Parameters(string id, string form, Func<PublishedCost, long> code, Func<FoldRow, Profile> ours) =>
            published.Select(
                (p, i) =>
                    Claim(
                        $"parameters/{id}/{p.Name.ToLowerInvariant()}",
                        $"{p.Name}: the official code's number of parameters, {form}.",
                        Invariant($"{code(p):N0}"),
                        "",
                        run => ours(run.Get(folds)[i]).Parameters,
                        Bound.Exactly(code(p))
                    )
            );

        IEnumerable<ClaimDefinition> Macs(string id, string form, Func<PublishedCost, double> code, Func<FoldRow, Profile> ours) =>
            published.Select(
                (p, i) =>
                    Claim(
                        $"macs/{id}/{p.Name.ToLowerInvariant()}",
                        $"{p.Name}: the official code's number of multiply-accumulates, {form}.",
                        Invariant($"{code(p):F1} M"),
                        "M",
                        run => ours(run.Get(folds)[i]).Macs / 1e6,
                        Bound.Within(code(p), 0.06)
                    )
            );
    }

    /// <summary>
    /// The paper's table against ours: parameters of networks without the widening before the head, which the released code has
    /// and the table seems not to count, and multiply-accumulates as released; both folded, to 0.1.
    /// </summary>
    /// <param name="published">The variants.</param>
    /// <param name="folds">Ours, in the same order.</param>
    /// <param name="plain">Folded parameters without the widening, in the same order.</param>
    /// <param name="where">The table.</param>
    public static IReadOnlyList<ClaimDefinition> Paper(
        IReadOnlyList<PublishedCost> published,
        Measurement<IReadOnlyList<FoldRow>> folds,
        Measurement<IReadOnlyList<long>> plain,
        string where
    ) =>
        [
            .. published.Select(
                (p, i) =>
                    ClaimDefinition.Of(
                        $"paper/parameters/{p.Name.ToLowerInvariant()}",
                        ClaimKind.Exact,
                        $"{p.Name}: the paper's parameters are those without conv_exp.",
                        new PaperValue(where, Invariant($"{p.PaperParameters:F1} M")),
                        "M",
                        run => new Measured(
                            run.Get(plain)[i] / 1e6,
                            Invariant($"as released, with conv_exp: {run.Get(folds)[i].Evidence.After.Parameters / 1e6:F2} M")
                        ),
                        Bound.Within(p.PaperParameters, 0.1)
                    )
            ),
            .. published.Select(
                (p, i) =>
                    ClaimDefinition.Of(
                        $"paper/macs/{p.Name.ToLowerInvariant()}",
                        ClaimKind.Exact,
                        $"{p.Name}: the paper's multiply-accumulates are those of the released network.",
                        new PaperValue(where, Invariant($"{p.PaperMacs:F1} G")),
                        "G",
                        run => new Measured(run.Get(folds)[i].Evidence.After.Macs / 1e9),
                        Bound.Within(p.PaperMacs, 0.1)
                    )
            ),
        ];

    private static ClaimDefinition Claim(
        string id,
        string statement,
        string code,
        string unit,
        Func<Results, double> measure,
        Bound bound
    ) =>
        ClaimDefinition.Of(
            id,
            ClaimKind.Exact,
            statement,
            new PaperValue("official code", code),
            unit,
            run => new Measured(measure(run)),
            bound
        );

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
