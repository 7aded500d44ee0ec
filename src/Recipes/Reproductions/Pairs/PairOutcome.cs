using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;

namespace Recipes.Reproductions;

/// <summary>What a recipe of images and captions gave. Owns its networks.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class PairOutcome : IDisposable, IDisplay
{
    /// <summary>The trained network in evaluation mode, with averaged weights where the recipe averages.</summary>
    public required ImageTextNetwork Model { get; init; }

    /// <summary>How training went.</summary>
    public required TrainResult Training { get; init; }

    /// <summary>Zero-shot accuracy and retrieval of <see cref="Model"/>.</summary>
    public required Evaluation Evaluation { get; init; }

    /// <summary>How the student came to agree with each teacher; null when it has none.</summary>
    public PairAgreement? Distilled { get; init; }

    /// <summary>The folded network and its evidence; null when the recipe does not fold.</summary>
    public Folded<ImageTextNetwork>? Folded { get; init; }

    /// <summary>The measure of the folded network.</summary>
    public Evaluation? FoldedEvaluation { get; init; }

    /// <summary>What was left out of the training and the test images, and why.</summary>
    public IReadOnlyList<SampleReport> LeftOut { get; init; } = [];

    /// <summary>The measures, how training went, and the evidence.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Blocks Show() =>
        new([
            Evaluation,
            Training,
            .. new IDisplay?[] { Distilled, Folded }.OfType<IDisplay>(),
            .. LeftOut.Where(r => r.Findings.Count > 0),
        ]);

    /// <summary>The record of the training.</summary>
    internal ArmResult Result(string arm, long seed, JsonNode recipe)
    {
        var result = ArmResults.From(arm, seed, recipe, Training, Evaluation with { Samples = [] });
        var numbers = new SortedDictionary<string, double>(result.Numbers.ToDictionary(n => n.Key, n => n.Value), StringComparer.Ordinal);
        numbers["left_out"] = LeftOut.Sum(r => r.Skipped);
        foreach (var (share, number) in (Distilled?.After ?? []).Select((share, i) => (share, i + 1)))
            numbers[$"agreement{number}"] = 100 * share;
        if (Folded is not null && FoldedEvaluation is not null)
        {
            numbers["folded_top1"] = 100 * FoldedEvaluation.Top1;
            numbers["fold_relative_difference"] = Folded.Evidence.RelativeDifference;
        }
        return result with { Numbers = numbers };
    }

    /// <summary>Frees the networks.</summary>
    public void Dispose()
    {
        Model.Dispose();
        Folded?.Model.Dispose();
        Training.Dispose();
    }
}
