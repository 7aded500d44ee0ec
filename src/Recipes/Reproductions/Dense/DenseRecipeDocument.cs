using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Verbs;

namespace Recipes.Reproductions;

/// <summary>
/// Everything that a recipe of dense prediction is, as data: what the encoder learns first, and what it is fine-tuned for. Nothing happens until it runs.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record DenseRecipeDocument : IDisplay
{
    /// <summary>What the encoder learns first.</summary>
    public required Pretraining Pretrain { get; init; }

    /// <summary>The pictures, their task, and how they come in batches.</summary>
    public required DenseData Data { get; init; }

    /// <summary>The head, and how it is trained.</summary>
    public required FineTuneOptions FineTune { get; init; }

    /// <summary>Where to save the final weights as safetensors, relative to the run's folder; null for nowhere.</summary>
    public string? Save { get; init; }

    /// <summary>Where to export the final network as ONNX, relative to the run's folder; null for nowhere.</summary>
    public string? Export { get; init; }

    /// <summary>The canonical JSON: equal recipes have equal text.</summary>
    public JsonNode ToJson() => CanonicalJson.Of(this);

    /// <summary>The recipe as a table, with its JSON.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Show().ToString();

    private JsonBlock Show() => new(ToJson(), $"{Pretrain.Title}; {Data.Task} of {Data.Source.Name}, {FineTune.Plan.Epochs} epochs");

    /// <summary>Everything that keeps the recipe from running, without touching files.</summary>
    public IReadOnlyList<string> Problems() =>
        [
            .. Pretrain.Problems(),
            .. FineTune.Problems(),
            .. Data.Problems(),
            .. (Data.Task == DenseTask.Boxes) != FineTune.HeadFor(Data.Task) is BoxHeadSpec
                ? [$"head: boxes and the head for boxes go together, found {FineTune.HeadFor(Data.Task).GetType().Name} for {Data.Task}"]
                : Array.Empty<string>(),
            .. Export is not null && !Export.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
                ? [$"export: expected a name that ends in .onnx, found {Export}"]
                : Array.Empty<string>(),
        ];
}
