using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;

namespace Recipes.Reproductions;

/// <summary>Everything that a recipe of a masked autoencoder is, as data (MAE, arXiv 2111.06377).</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record MaskedRecipeDocument : IDisplay
{
    /// <summary>The network.</summary>
    public required MaeSpec Model { get; init; }

    /// <summary>The images and how they come in batches.</summary>
    public required ImageData Data { get; init; }

    /// <summary>How to train.</summary>
    public required TrainPlan Train { get; init; }

    /// <summary>The canonical JSON: equal recipes have equal text.</summary>
    public JsonNode ToJson() => CanonicalJson.Of(this);

    /// <summary>The recipe as a table, with its JSON.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Show().ToString();

    private JsonBlock Show() => new(ToJson(), $"{Model.Name} on {Data.Source.Name}, {Train.Epochs} epochs");

    /// <summary>Everything that keeps the recipe from running, without touching files.</summary>
    public IReadOnlyList<string> Problems() =>
        [
            .. Train.Problems(),
            .. Data.Problems(),
            .. Model.Problems(),
            .. Train.LabelSmoothing > 0 || Train.Mixup > 0 || Train.CutMix > 0
                ? ["labelSmoothing, mixup, cutMix: expected 0; a masked autoencoder has no labels"]
                : Array.Empty<string>(),
            .. Data.Size % Model.Encoder.Patch != 0
                ? [$"data.size: expected a multiple of the {Model.Encoder.Patch} pixels of a patch, found {Data.Size}"]
                : Array.Empty<string>(),
        ];
}
