using System.Globalization;
using Recipes.Data;
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
        var blocks = Modules.Reparameterizable(model).ToList();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal) { ["model"] = model.GetName(), ["part"] = part.Name };
        if (blocks.Count > 0)
            texts["form"] = blocks.TrueForAll(b => b.Block.IsFolded) ? "folded" : "train-time";
        if ((model as ISpecified)?.Spec is { } spec)
            texts["spec"] = CanonicalJson.Of(spec).ToJsonString();
        if (part.Name == "image" && Preprocessing(model) is { } preprocessing)
            texts["preprocessing"] = CanonicalJson.Of(preprocessing).ToJsonString();
        if (options.Labels is { } labels)
            texts["labels"] = System.Text.Json.JsonSerializer.Serialize(labels, CanonicalJson.Options);
        if (model is IImageText network)
        {
            using var scale = network.Scale();
            texts["logit_scale"] = scale.item<float>().ToString("R", CultureInfo.InvariantCulture);
        }
        return texts;
    }

    private static ImagePreprocessing? Preprocessing(Module model) =>
        model is IImageText network ? network.Preprocessing : (model as ISpecified)?.Spec.Preprocessing;
}
