using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>Scenes with captions.</summary>
/// <param name="Train">Training scenes: indices 0 to Train - 1 of the world.</param>
/// <param name="Test">Test scenes: indices from 2^32.</param>
/// <param name="Seed">The world.</param>
public sealed record SceneCaptionsSource(int Train, int Test, long Seed) : CaptionSource
{
    /// <inheritdoc/>
    public override string Name => "scenes";

    /// <summary>What the training captions are.</summary>
    /// <value>Default alt-text.</value>
    public SceneCaption Captions { get; init; } = SceneCaption.AltText;

    /// <summary>How bad alt-text is.</summary>
    public AltTextNoise Noise { get; init; } = AltTextNoise.Web;

    /// <summary>Side of the stored pictures in pixels.</summary>
    /// <value>Default 64.</value>
    public int Side { get; init; } = 64;

    /// <summary>What test pictures are classified by.</summary>
    /// <value>Default colour and shape.</value>
    public SceneClasses Classes { get; init; } = SceneClasses.ColorAndShape;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Normalization Normalization => Normalization.Scenes;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Vocabulary => ClipTokenizer.Scenes.Vocabulary;

    /// <inheritdoc/>
    public override ClipTokenizer OpenTokenizer() => ClipTokenizer.Scenes;

    /// <inheritdoc/>
    public override ZeroShotSet? OpenZeroShot(DataRoots? roots = null) =>
        new(new SceneImages(Seed, 1L << 32, TestLimit ?? Test, "scenes/test", Classes), ScenePrompts.Templates);

    /// <summary>Test captions are detailed ones, whatever the training captions are.</summary>
    protected override ICaptionedSet OpenAll(Split split, DataRoots roots) =>
        split == Split.Train
            ? new SceneCaptionSet(Seed, 0, Train, Captions, Noise, Side, "scenes/train")
            : new SceneCaptionSet(Seed, 1L << 32, Test, SceneCaption.Detailed, Noise, Side, "scenes/test");
}
