using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// Qwen2 as FastVLM uses it (arXiv 2412.13303): RMS norms, rotary positions in halves, grouped queries with biases, SwiGLU.
/// Entry points: <see cref="Qwen2.B05"/>, <see cref="Qwen2.B15"/>, <see cref="Qwen2.B7"/>.
/// </summary>
public sealed record Qwen2Spec : DecoderSpec
{
    /// <summary>Heads of keys and values, K.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Whether the output matrix is the embedding table. Checkpoints of a tied model may hold it once or twice.</summary>
    public required bool TiedHead { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int KeyHeads => KeyValueHeads;

    /// <inheritdoc/>
    [JsonIgnore]
    public override long Body
    {
        get
        {
            var (width, keys) = ((long)Width, (long)KeyHeads * HeadWidth);
            var attention = 2 * width * width + width + 2 * (width * keys + keys);
            return Layers * (attention + 3 * width * Inner + 2 * width) + width;
        }
    }

    /// <inheritdoc/>
    [JsonIgnore]
    public override long Embeddings => (TiedHead ? 1L : 2L) * Vocabulary * Width;

    /// <summary>The spec with another number of layers.</summary>
    public Qwen2Spec WithLayers(int layers) => this with { Layers = layers };

    /// <summary>The spec with another vocabulary.</summary>
    public Qwen2Spec WithVocabulary(int vocabulary) => this with { Vocabulary = vocabulary };

    /// <inheritdoc/>
    protected override Module CreateModule() => new Qwen2(this);
}
