using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>What a scene is classified by in zero-shot tests.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SceneClasses>))]
public enum SceneClasses
{
    /// <summary>The main object's shape: 10 classes.</summary>
    Shape,

    /// <summary>The main object's colour and shape: 80 classes, <c>red circle</c> to <c>pink arrow</c>.</summary>
    ColorAndShape,
}

/// <summary>Names and prompts of the classes of scenes.</summary>
public static class ScenePrompts
{
    /// <summary>The sentences that class names are put into; <c>{}</c> stands for the name. Words of each are in alt-text or in captions.</summary>
    public static IReadOnlyList<string> Templates { get; } = ["{}", "a {}", "a large {}", "a picture of a {}", "{} stock photo"];

    /// <summary>The names of the classes, in order.</summary>
    public static IReadOnlyList<string> Names(SceneClasses classes) =>
        classes == SceneClasses.Shape
            ? Scene.ClassNames
            :
            [
                .. from shape in Enum.GetValues<SceneShape>()
                from color in Enum.GetValues<SceneColor>()
                select $"{SceneWords.Of(color)} {SceneWords.Of(shape)}",
            ];

    /// <summary>The class of a scene.</summary>
    public static int ClassOf(this Scene scene, SceneClasses classes) =>
        classes == SceneClasses.Shape ? scene.Class : 8 * scene.Class + (int)scene.Main.Color;
}
