using System.Globalization;
using System.Net;
using System.Text;
using Recipes.Display;

namespace Recipes.Data;

/// <summary>One self-contained HTML page that shows what is in a data set.</summary>
public static class DataPreview
{
    private const string Style = """
        body{font:15px/1.45 system-ui,sans-serif;margin:2.2rem auto;max-width:1240px;padding:0 1.2rem;color:#1c2430;background:#fbfbfa}
        h1{font-size:1.55rem;margin:0 0 .2rem}p{color:#5a6472;margin:.2rem 0 1.4rem}
        .scene{display:grid;grid-template-columns:repeat(5,1fr);gap:12px;background:#fff;border:1px solid #e4e6ea;border-radius:10px;padding:14px;margin-bottom:18px}
        .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:12px}
        figure{margin:0}figcaption{font-size:12px;color:#5a6472;margin-top:4px;overflow:hidden;text-overflow:ellipsis}
        figcaption b{color:#1c2430}.wide{grid-template-columns:repeat(auto-fill,minmax(220px,1fr))}.wide figure{overflow-wrap:anywhere}.pic{position:relative;line-height:0}img,svg{width:100%;border-radius:6px}svg{position:absolute;left:0;top:0}.grid img{image-rendering:pixelated}
        """;

    /// <summary>Some pictures of each class of a set; for scenes, pictures with all annotations.</summary>
    /// <param name="set">The set.</param>
    /// <param name="count">How many pictures.</param>
    public static string Html(IImageSet set, int count = 48)
    {
        if (set is SceneImages scenes)
            return Scenes([.. Enumerable.Range(0, Math.Min(count, scenes.Count)).Select(i => scenes[i])]);
        var body = new StringBuilder("<div class=grid>");
        foreach (var i in Spread(set, count))
            body.Append(Figure(Picture(set, i), $"<b>{WebUtility.HtmlEncode(set.Classes[set.Label(i)])}</b> · {i}"));
        return Page(set.Name, $"{set.Count:N0} pictures, {set.Classes.Count} classes", body.Append("</div>").ToString());
    }

    /// <summary>Scenes with their semantic and instance masks, boxes and depth map.</summary>
    /// <param name="scenes">The scenes.</param>
    /// <param name="size">Side of each picture in pixels.</param>
    public static string Scenes(IReadOnlyList<Scene> scenes, int size = 256)
    {
        var body = new StringBuilder();
        foreach (var scene in scenes)
        {
            var found = scene.Annotate(size);
            var image = ImageBytes.ToPng(scene.Draw(size), size, size);
            var word = scene.Word is { } w ? $", says {w.Text}" : "";
            body.Append("<div class=scene>")
                .Append(Figure(image, $"<b>{Scene.ClassNames[scene.Class]}</b> · scene {scene.Index} of world {scene.Seed}{word}"))
                .Append(
                    Figure(
                        PreviewColors.Labels(found.Semantic, size, PreviewColors.Semantic),
                        $"semantic: {string.Join(", ", Labels(scene))}"
                    )
                )
                .Append(Figure(PreviewColors.Labels(found.Instances, size, PreviewColors.Instance), $"instances: {found.Boxes.Count}"))
                .Append(Figure(image, "boxes of what is visible", Boxes(found)))
                .Append(Figure(PreviewColors.Depth(found.Depth, size), "depth: light is near (1 m), dark is far (10 m)"))
                .Append("</div>");
        }
        return Page(
            "Scenes",
            "The embedded world: every picture and everything known about it follow from (world, number).",
            body.ToString()
        );
    }

    /// <summary>Some pictures of each class of a set, as a block.</summary>
    /// <param name="set">The set.</param>
    /// <param name="count">How many pictures.</param>
    public static PictureGrid Pictures(IImageSet set, int count = 24) =>
        new(
            $"{set.Name}: {set.Count:N0} pictures, {set.Classes.Count} classes",
            Spread(set, count).Select(i => new Picture(Picture(set, i), set.Classes[set.Label(i)], $"{i}"))
        );

    /// <summary>Writes a page.</summary>
    /// <exception cref="RecipesException">The place cannot be written.</exception>
    public static void Write(string path, IImageSet set, int count = 48) => AtomicFile.WriteText(path, Html(set, count));

    private static IEnumerable<string> Labels(Scene scene) =>
        scene.Objects.Select(o => o.Shape.ToString().ToLowerInvariant()).Distinct().Concat(scene.Word is null ? [] : ["word"]);

    // Pictures of all classes in turn.
    private static IEnumerable<int> Spread(IImageSet set, int count) =>
        Enumerable
            .Range(0, set.Count)
            .GroupBy(set.Label)
            .SelectMany(g => g.Select((index, turn) => (index, turn, g.Key)).Take(count))
            .OrderBy(p => p.turn)
            .ThenBy(p => p.Key)
            .Take(count)
            .Select(p => p.index);

    private static byte[] Picture(IImageSet set, int index)
    {
        const int size = 96;
        var rgb = new byte[3 * size * size];
        set.Read(index, size, rgb);
        return ImageBytes.ToPng(rgb, size, size);
    }

    private static string Boxes(SceneAnnotations found)
    {
        var svg = new StringBuilder($"<svg viewBox='0 0 {found.Size} {found.Size}' fill=none stroke-width=2>");
        for (var i = 0; i < found.Boxes.Count; i++)
        {
            var box = found.Boxes[i];
            var (r, g, b) = PreviewColors.Instance(i + 1);
            if (!box.IsEmpty)
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<rect x={box.Left} y={box.Top} width={box.Width} height={box.Height} stroke='#fff' stroke-width=4 /><rect x={box.Left} y={box.Top} width={box.Width} height={box.Height} stroke='rgb({r},{g},{b})'/>"
                );
        }
        return svg.Append("</svg>").ToString();
    }

    internal static string Figure(byte[] png, string caption, string overlay = "") =>
        $"<figure><div class=pic><img alt='' src='data:image/png;base64,{Convert.ToBase64String(png)}'>{overlay}</div><figcaption>{caption}</figcaption></figure>";

    internal static string Page(string title, string lead, string body) =>
        $"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{WebUtility.HtmlEncode(title)}</title><style>{Style}</style><h1>{WebUtility.HtmlEncode(title)}</h1><p>{WebUtility.HtmlEncode(lead)}</p>{body}</html>\n";
}
