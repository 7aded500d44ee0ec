using System.Globalization;
using Recipes.Display;
using Recipes.Models;

namespace Recipes.Verbs;

/// <summary>What folding did, and how exactly.</summary>
/// <param name="BlocksFolded">Number of blocks that went from branches to one convolution.</param>
/// <param name="Before">Cost of the original for one probe image.</param>
/// <param name="After">Cost of the folded copy.</param>
/// <param name="MaxDifference">Largest absolute difference of outputs on the probe batch.</param>
/// <param name="RelativeDifference"><paramref name="MaxDifference"/> over the largest absolute output of the original.</param>
/// <param name="Tolerance">The relative difference that was allowed.</param>
/// <param name="Probe">Shape of the probe batch.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ReparameterizeEvidence(
    int BlocksFolded,
    Profile Before,
    Profile After,
    double MaxDifference,
    double RelativeDifference,
    double Tolerance,
    IReadOnlyList<long> Probe
) : IDisplay
{
    /// <summary>The costs before and after, and the difference of outputs.</summary>
    public string ToHtml() =>
        Profile
            .Costs(("Before", Before), ("After", After))
            .Caption(
                $"{BlocksFolded} blocks folded. Outputs differ by {Numbers.Text(RelativeDifference)} relative (allowed {Numbers.Text(Tolerance)}), "
                    + $"{Numbers.Text(MaxDifference)} absolute, on a probe of [{string.Join(", ", Probe)}]."
            )
            .ToHtml();

    /// <summary>One line a fact.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            reparameterize: {BlocksFolded} blocks folded
              parameters   {Before.Parameters, 15:N0} -> {After.Parameters, 15:N0}
              MACs         {Before.Macs, 15:N0} -> {After.Macs, 15:N0}
              activations  {Before.Activations, 15:N0} -> {After.Activations, 15:N0}
              difference   {MaxDifference:G3} absolute, {RelativeDifference:G3} relative (allowed {Tolerance:G3}) on a probe of [{string.Join(
                ", ",
                Probe
            )}]
            """
        );
}
