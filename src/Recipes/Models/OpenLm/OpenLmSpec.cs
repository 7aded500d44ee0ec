using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// OpenLM as Dataset Decomposition trains it (arXiv 2405.13226): layer norms with a gain only, norms on queries and keys,
/// rotary positions in halves, SwiGLU, no biases, an output matrix of its own. Entry points: <see cref="OpenLm.M160"/> …
/// <see cref="OpenLm.B7"/>.
/// </summary>
public sealed record OpenLmSpec : DecoderSpec
{
    /// <summary>Whether queries and keys, over their full width, have a layer norm before they are split into heads.</summary>
    /// <value>Default true.</value>
    public bool QueryKeyNorm { get; init; } = true;

    /// <summary>Whether layer norms have a gain only; else also a bias.</summary>
    /// <value>Default true.</value>
    public bool GainOnly { get; init; } = true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int KeyHeads => Heads;

    /// <inheritdoc/>
    [JsonIgnore]
    public override long Body
    {
        get
        {
            long width = Width,
                norm = GainOnly ? width : 2 * width;
            var norms = QueryKeyNorm ? 4 : 2;
            return Layers * (4 * width * width + 3 * width * Inner + norms * norm) + norm;
        }
    }

    /// <inheritdoc/>
    [JsonIgnore]
    public override long Embeddings => 2L * Vocabulary * Width;

    /// <summary>The spec with another number of layers.</summary>
    public OpenLmSpec WithLayers(int layers) => this with { Layers = layers };

    /// <summary>The spec with another vocabulary.</summary>
    public OpenLmSpec WithVocabulary(int vocabulary) => this with { Vocabulary = vocabulary };

    /// <summary>The spec with another base of the rotary angles: 100,000 in the paper's runs, 10,000 upstream (paper, tab. 4).</summary>
    public OpenLmSpec WithRotaryBase(double rotaryBase) => this with { RotaryBase = rotaryBase };

    /// <inheritdoc/>
    protected override Module CreateModule() => new OpenLm(this);

    internal TorchSharp.Modules.LayerNorm Norm() => LayerNorm([Width], NormEpsilon, elementwise_affine: true, bias: !GainOnly);
}
