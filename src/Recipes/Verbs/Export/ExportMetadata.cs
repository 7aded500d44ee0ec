using Recipes.Layers;
using Recipes.Models;
using Recipes.Onnx;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

// What a file says about itself: enough to use it without this library.
internal static class ExportMetadata
{
    public static IReadOnlyDictionary<string, string> Of(Module model, OnnxPart part, ExportOptions options)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal) { ["model"] = Modules.NameOf(model), ["part"] = part.Name };
        if (Modules.IsFolded(model) is { } folded)
            texts["form"] = folded ? "folded" : "train-time";
        if ((model as ISpecified)?.Spec is { } spec)
            texts["spec"] = CanonicalJson.Of(spec).ToJsonString();
        if ((options.Preprocessing ?? (model as ISpecified)?.Spec.Preprocessing) is { } preprocessing)
            texts["preprocessing"] = CanonicalJson.Of(preprocessing).ToJsonString();
        if (options.Labels is { } labels)
            texts["labels"] = System.Text.Json.JsonSerializer.Serialize(labels, CanonicalJson.Options);
        foreach (var (key, text) in part.Metadata)
            texts[key] = text;
        return texts;
    }
}
