using System.Net;
using System.Text.Json;

namespace Recipes.Notebook.Display;

internal sealed class JsonView(object json) : IDisplay
{
    private static readonly JsonSerializerOptions _options = new(CanonicalJson.Options) { WriteIndented = true };

    public string ToHtml() => $"<pre>{WebUtility.HtmlEncode(ToString())}</pre>";

    public override string ToString() => JsonSerializer.Serialize(json, json.GetType(), _options);
}
