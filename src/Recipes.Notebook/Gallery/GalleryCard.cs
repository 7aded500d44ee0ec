namespace Recipes.Notebook.Gallery;

/// <summary>An entry of the index.</summary>
/// <param name="Link">Relative to the index.</param>
/// <param name="Title">Plain text.</param>
/// <param name="About">One sentence of plain text; may be empty.</param>
/// <param name="Note">HTML of one line.</param>
/// <param name="Thumb">HTML of what stands above the title; may be empty.</param>
internal sealed record GalleryCard(string Link, string Title, string About, string Note, string Thumb)
{
    /// <summary>A picture above a title.</summary>
    public static string Picture(string address) => $"<img class=\"thumb\" src=\"{Html.Escape(address)}\" alt=\"\" loading=\"lazy\">";

    /// <summary>The card.</summary>
    public string ToHtml()
    {
        var about = About.Length == 0 ? "" : $"<p>{Html.Escape(About)}</p>";
        return $"<li><a href=\"{Html.Escape(Link)}\">{Thumb}<h3>{Html.Escape(Title)}</h3>{about}<p class=\"note\">{Note}</p></a></li>";
    }
}
