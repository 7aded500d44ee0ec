using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Recipes.Display;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// An immutable description from which a network of any signature is built. <see cref="Zoo"/> knows the specs of the papers by
/// their usual names. Networks of one tensor in and one out have a <see cref="ModelSpec"/>, which recipes can train.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public abstract record NetworkSpec : IDisplay
{
    /// <summary>The usual name, for example <c>mobileone_s0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The resolution that the paper's numbers are for, in pixels; 0 for networks without images.</summary>
    [JsonIgnore]
    public virtual int Resolution => 224;

    /// <summary>
    /// Builds the train-time form in training mode, float32, on the CPU. The weights come from the stream "init" of the seed,
    /// so equal seeds give equal weights.
    /// </summary>
    public virtual Module Build(long seed = 0)
    {
        manual_seed((long)(Rng.Stream(seed, "init").NextUInt64() >> 1));
        return CreateModule();
    }

    /// <summary>The spec as a table. To see the network with its costs, see <see cref="ModelInfo"/> and <see cref="ModelTree"/>.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The spec as a table of text.</summary>
    public sealed override string ToString() => Show().ToString();

    private JsonBlock Show() => new(Json(), $"Model {Name}");

    /// <summary>The canonical JSON.</summary>
    private protected virtual JsonNode Json() => CanonicalJson.Of<object>(this);

    /// <summary>Builds the module with its default initialisation.</summary>
    protected abstract Module CreateModule();
}
