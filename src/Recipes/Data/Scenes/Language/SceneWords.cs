namespace Recipes.Data;

/// <summary>The words that captions, questions and answers about scenes are made of.</summary>
public static class SceneWords
{
    /// <summary>What the web writes around pictures and says nothing about them.</summary>
    internal static IReadOnlyList<string> OffTopic { get; } =
    [
        "buy now free shipping",
        "click here for more",
        "best price online sale",
        "photo by john",
        "untitled design",
        "wallpaper hd download",
        "new arrival shop now",
        "img 2231",
        "dsc 0047 jpg",
        "sign up for our newsletter",
        "image not available",
        "home page logo banner",
        "gift ideas for her",
        "top ten tips of the week",
        "read our latest blog post",
        "thumbnail",
    ];

    /// <summary>What the web adds to a name.</summary>
    internal static IReadOnlyList<string> Tails { get; } =
    ["", "", "png", "stock photo", "clipart", "free download", "icon vector", "for sale", "on white", "hd"];

    /// <summary>A shape's word.</summary>
    public static string Of(SceneShape shape) => Lower(shape);

    /// <summary>A colour's word.</summary>
    public static string Of(SceneColor color) => Lower(color);

    /// <summary>A pattern's word; <c>plain</c> for one colour.</summary>
    public static string Of(ScenePattern pattern) => pattern == ScenePattern.Solid ? "plain" : Lower(pattern);

    /// <summary>A background's word.</summary>
    public static string Of(BackgroundKind kind) =>
        kind switch
        {
            BackgroundKind.Gradient => "shaded",
            BackgroundKind.Clouds => "cloudy",
            _ => Lower(kind),
        };

    /// <summary>Every word that the generators of captions, questions and answers use, in a fixed order: the tokenizer's vocabulary.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Enum.GetValues<SceneShape>()
            .Select(Of)
            .Concat(Enum.GetValues<SceneColor>().Select(Of))
            .Concat(Enum.GetValues<ScenePattern>().Select(Of))
            .Concat(Enum.GetValues<BackgroundKind>().Select(Of))
            .Concat(OffTopic.Concat(Tails).SelectMany(text => text.Split(' ')))
            .Concat(
                (
                    "a an the of in on at and with is are it its there this that to left right above below next behind front "
                    + "large small tiny big object objects shape shapes picture photo image drawing sign word says written nothing background "
                    + "light dark grey one two three four five six yes no what which color pattern how many does say main"
                ).Split(' ')
            )
            .Concat(SceneGenerator.Words.Select(w => w.ToLowerInvariant()))
            .Where(word => word.Length > 1 && word.All(char.IsAsciiLetterLower))
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>A noun with its article.</summary>
    internal static string A(string noun) => (noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an " : "a ") + noun;

    /// <summary>A number from 0 to 6 as a word.</summary>
    internal static string Number(int count) => Numbers[count];

    private static readonly string[] Numbers = ["no", "one", "two", "three", "four", "five", "six"];

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
