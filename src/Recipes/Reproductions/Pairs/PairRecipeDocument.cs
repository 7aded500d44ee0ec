using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;

namespace Recipes.Reproductions;

/// <summary>
/// Everything that a recipe of images and captions is, as data: what both languages build, what runs, and what <c>recipe.json</c> holds. Nothing happens until
/// it runs.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record PairRecipeDocument : IDisplay
{
    /// <summary>The network.</summary>
    public required ImageTextSpec Model { get; init; }

    /// <summary>The captioned images and how they come in batches.</summary>
    public required CaptionData Data { get; init; }

    /// <summary>How to train.</summary>
    public required TrainPlan Train { get; init; }

    /// <summary>Pairs that go through the network at once, where gradients are cached; null for the whole batch.</summary>
    public int? Part { get; init; }

    /// <summary>What is stored of the training images before training; null for nothing.</summary>
    public ReinforceStep? Reinforce { get; init; }

    /// <summary>The loss against the stored teachers; null learns from pairs alone.</summary>
    public ContrastiveTargets? Distill { get; init; }

    /// <summary>Folding after training; null leaves the train-time form.</summary>
    public ReparameterizeOptions? Reparameterize { get; init; }

    /// <summary>Where to save the final weights as safetensors, relative to the run's folder; null for nowhere.</summary>
    public string? Save { get; init; }

    /// <summary>The canonical JSON: equal recipes have equal text.</summary>
    public JsonNode ToJson() => CanonicalJson.Of(this);

    /// <summary>The recipe as a table, with its JSON.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Show().ToString();

    private JsonBlock Show() => new(ToJson(), $"{Model.Name} on captioned {Data.Source.Name}, {Train.Epochs} epochs");

    /// <summary>Everything that keeps the recipe from running, without touching files.</summary>
    public IReadOnlyList<string> Problems() => [.. Train.Problems(), .. Data.Problems(), .. Own(), .. Reinforce?.Problems(Data) ?? []];

    private IEnumerable<string> Own()
    {
        if (Model.Vocabulary < Data.Source.Vocabulary)
            yield return $"model: {Model.Name} knows {Model.Vocabulary} token ids, the tokenizer of {Data.Source.Name} has {Data.Source.Vocabulary}";
        if (Train.LabelSmoothing > 0 || Train.Mixup > 0 || Train.CutMix > 0)
            yield return $"labelSmoothing, mixup, cutMix: expected 0, found {Train.LabelSmoothing}, {Train.Mixup} and {Train.CutMix}; pairs have no classes";
        if (Part is < 1)
            yield return $"part: expected at least 1 pair, found {Part}";
        if (Data.Mix != CaptionMix.Real && (Reinforce?.Synthetics ?? 0) == 0)
            yield return $"data.mix: {Data.Mix} captions need synthetic ones; add reinforce with a captioner, or use real ones";
        if (Distill is null)
            yield break;
        foreach (var problem in Distill.Problems())
            yield return "distill." + problem;
        var teachers = Reinforce?.Teachers ?? 0;
        if (teachers == 0 && Distill.Lambda > 0)
            yield return "distill: expected teachers, found none; give them to reinforce";
        if (teachers > 0 && Distill.TeacherScales.Count != 1 && Distill.TeacherScales.Count != teachers)
            yield return $"distill.teacherScales: expected 1 or {teachers}, found {Distill.TeacherScales.Count}";
    }
}

/// <summary>A recipe of images and captions that can run.</summary>
public interface IPairRecipe : IExperiment
{
    /// <summary>What it is.</summary>
    PairRecipeDocument Document { get; }

    JsonNode IExperiment.ToJson() => Document.ToJson();

    ArmResult IExperiment.Run(string arm, long seed, Surroundings surroundings)
    {
        using var outcome = this.Run(surroundings.Training, surroundings.Device, surroundings.Shared);
        return outcome.Result(arm, seed, Document.ToJson());
    }
}
