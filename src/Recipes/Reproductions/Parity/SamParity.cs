using System.Text.Json;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

/// <summary>The golden of SAM: preprocessing, the image encoder, five kinds of prompts, and masks at the original size.</summary>
internal static class SamParity
{
    public static ParityReport Compare(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var size = (int)golden.Inputs[0].Sizes()[^1];
        var spec = Sam.VitB with { ImageSize = size };
        var model = spec.Build();
        var subject = new ParitySubject(model, inputs => Outputs(model, inputs, json.RootElement))
        {
            // The file has the windows of all images after each other.
            Layout = (name, value) => name.EndsWith(".attn", StringComparison.Ordinal) ? value.flatten(0, 1) : value,
            Macs = new Dictionary<string, Func<Module, long>>(StringComparer.Ordinal)
            {
                ["image"] = _ => ParitySubject.Count(model.ImageEncoder, [1, 3, size, size]),
            },
        };
        return ModelParity.Compare(file, golden, subject);
    }

    private static IEnumerable<(string, Tensor)> Outputs(Sam model, IReadOnlyDictionary<string, Tensor> inputs, JsonElement file)
    {
        var embeddings = model.ImageEncoder.call(inputs["input:sam:image"]);
        var (height, width) = (embeddings.shape[2], embeddings.shape[3]);
        yield return ("preprocess", SamPixels.Normalize(inputs["input:sam:raw"], model.Spec.ImageSize));
        yield return ("image_embeddings", embeddings);
        yield return ("dense_pe", model.PromptEncoder.Positions(height, width));
        var back = file.GetProperty("postprocess");
        foreach (var prompt in file.GetProperty("prompts").EnumerateObject())
        {
            var tensors = Prompt(prompt.Value, inputs);
            yield return ($"{prompt.Name}.sparse", model.PromptEncoder.Sparse(tensors, model.Spec.ImageSize, model.Spec.ImageSize));
            if (tensors.Masks is not null)
                yield return ($"{prompt.Name}.dense", model.PromptEncoder.Dense(tensors, height, width));
            foreach (var (kind, multimask) in ((string, bool)[])[("multi", true), ("single", false)])
            {
                var (logits, ious) = model.Decode(embeddings, tensors, multimask);
                yield return ($"{prompt.Name}.{kind}.low_res_logits", logits);
                yield return ($"{prompt.Name}.{kind}.iou", ious);
                if (back.GetProperty("case").GetString() == $"{prompt.Name}.{kind}")
                {
                    var (resized, original) = (Sides("input_size"), Sides("original_size"));
                    yield return ($"{prompt.Name}.masks_original", SamPixels.ToOriginal(logits, model.Spec.ImageSize, resized, original));
                }
            }
        }

        (int Width, int Height) Sides(string name) => (back.GetProperty(name)[1].GetInt32(), back.GetProperty(name)[0].GetInt32());
    }

    private static SamPromptTensors Prompt(JsonElement prompt, IReadOnlyDictionary<string, Tensor> inputs)
    {
        return new SamPromptTensors(
            Numbers("points") is { } points ? tensor(points).reshape(1, -1, 2) : null,
            Numbers("labels") is { } labels ? tensor(labels).to(ScalarType.Int64).unsqueeze(0) : null,
            Numbers("box") is { } box ? tensor(box).unsqueeze(0) : null,
            prompt.GetProperty("mask").GetString() is { } mask ? inputs[mask] : null
        );

        float[]? Numbers(string name) =>
            prompt.GetProperty(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().SelectMany(Flat)] : null;
    }

    private static IEnumerable<float> Flat(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(Flat) : [value.GetSingle()];
}
