using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

/// <summary>The numbers of a golden file's <c>init</c> object; see <see cref="SeededWeights"/>.</summary>
public sealed record SeedScales(
    double RunningVarScale,
    double LayerScaleLow,
    double LayerScaleSpan,
    double EmbeddingAmplitude,
    double RopeBase
);

/// <summary>
/// Weights and inputs computed from their names, so that goldens need no weights: u(name, i) = mix(FNV-1a(name) + i) in
/// [0, 1), mapped by the kind of entry. The first rule that fits holds; the numbering is that of the goldens' README.
/// </summary>
public static class SeededWeights
{
    private static readonly string[] Embeddings =
    [
        "positional_embedding",
        "class_embedding",
        "cls_token",
        "pos_embed",
        "rel_pos_h",
        "rel_pos_w",
    ];

    private static readonly string[] EmbeddingModules =
    [
        "token_embedding",
        "embedding_layer",
        "not_a_point_embed",
        "no_mask_embed",
        "iou_token",
        "mask_tokens",
        "embed_tokens",
    ];

    /// <summary>The i-th uniform number of a name, in [0, 1).</summary>
    public static double Uniform(string name, long index) => (Rng.Mix(Rng.Fnv1a(name) + (ulong)index) >> 11) * (1.0 / (1UL << 53));

    /// <summary>The uniform numbers of a name in order, as many as a shape has elements.</summary>
    public static double[] Uniforms(string name, params long[] shape)
    {
        var seed = Rng.Fnv1a(name);
        var values = new double[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (Rng.Mix(seed + (ulong)i) >> 11) * (1.0 / (1UL << 53));
        return values;
    }

    /// <summary>Sets every entry of the module's state from its name, or from what that becomes.</summary>
    /// <param name="module">Any module.</param>
    /// <param name="scales">The golden file's numbers.</param>
    /// <param name="prefix">Stands before every name.</param>
    /// <param name="rename">What a name becomes first; itself when null.</param>
    public static void Fill(Module module, SeedScales scales, string prefix = "", Func<string, string>? rename = null)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (key, value) in module.state_dict())
        {
            var name = prefix + (rename?.Invoke(key) ?? key);
            if (value.dtype == ScalarType.Int64)
                value.zero_();
            else
                value.copy_(Tensor(name, value.shape, Rule(name, value.shape, scales)));
        }
    }

    /// <summary>A float32 tensor of uniform numbers mapped by a function of (u, flat index).</summary>
    public static Tensor Tensor(string name, long[] shape, Func<double, long, double> map)
    {
        var count = shape.Aggregate(1L, (a, b) => a * b);
        var values = new float[count];
        var seed = Rng.Fnv1a(name);
        for (long i = 0; i < count; i++)
            values[i] = (float)map((Rng.Mix(seed + (ulong)i) >> 11) * (1.0 / (1UL << 53)), i);
        return tensor(values, shape);
    }

    /// <summary>The map of a state_dict entry: the first rule of the table that fits its name and shape.</summary>
    public static Func<double, long, double> Rule(string key, long[] shape, SeedScales scales)
    {
        var parts = key.Split('.');
        var (last, parent) = (parts[^1], parts.Length > 1 ? parts[^2] : "");
        return last switch
        {
            "logit_scale" => (_, _) => Math.Log(1 / 0.07), // 2
            "running_mean" => (u, _) => (2 * u - 1) * 0.1, // 3
            "running_var" => (u, _) => scales.RunningVarScale * (0.5 + u), // 4
            "inv_freq" => (_, i) => 1 / Math.Pow(scales.RopeBase, (double)i / shape[0]), // 12, shape = head_dim/2
            "positional_encoding_gaussian_matrix" => (u, _) => 2 * u - 1, // 6
            _ when IsLayerScale(last, parent) => (u, _) => scales.LayerScaleLow + scales.LayerScaleSpan * u, // 5
            _ when IsEmbedding(last, parts) => (u, _) => (2 * u - 1) * scales.EmbeddingAmplitude, // 7
            _ when IsFoldedMixer(key, shape) => FoldedMixer(shape), // 8
            _ when shape.Length >= 2 => Fan(shape), // 9
            _ when last.EndsWith("bias", StringComparison.Ordinal) => (u, _) => (2 * u - 1) * 0.1, // 10
            "weight" => (u, _) => 0.5 + u, // 11
            _ => throw new RecipesException($"{key} [{string.Join(", ", shape)}]: no rule of the goldens' README says its values."),
        };
    }

    private static bool IsLayerScale(string last, string parent) =>
        last.StartsWith("layer_scale", StringComparison.Ordinal)
        || (last == "gamma" && parent.StartsWith("layer_scale", StringComparison.Ordinal));

    private static bool IsEmbedding(string last, string[] parts) =>
        Embeddings.Contains(last)
        || (
            last == "weight"
            && parts.Length > 1
            && (
                EmbeddingModules.Contains(parts[^2])
                || (parts.Length > 2 && parts[^3] == "point_embeddings" && int.TryParse(parts[^2], out _))
            )
        );

    private static bool IsFoldedMixer(string key, long[] shape)
    {
        if (shape is not [_, 1, var height, var width] || height != width || height < 2)
            return false;
        var parts = key.Split('.');
        return key.EndsWith("token_mixer.reparam_conv.weight", StringComparison.Ordinal)
            || (
                key.EndsWith(".reparam_conv.weight", StringComparison.Ordinal)
                && parts.Length >= 4
                && parts[^4] == "network"
                && int.TryParse(parts[^3], out _)
            );
    }

    private static Func<double, long, double> Fan(long[] shape)
    {
        var limit = Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1L, (a, b) => a * b));
        return (u, _) => (2 * u - 1) * limit;
    }

    private static Func<double, long, double> FoldedMixer(long[] shape)
    {
        var (fan, size) = (Fan(shape), shape[2] * shape[3]);
        var centre = shape[2] / 2 * shape[3] + shape[3] / 2;
        return (u, i) => fan(u, i) * 0.25 + (i % size == centre ? 1 : 0);
    }
}
