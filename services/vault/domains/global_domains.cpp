// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/domains/global_domains.h"

#include <array>

namespace coffer::vault {
namespace {

// One line a group: its number, and its domains with blanks between them.
struct Line {
  int type;
  std::string_view domains;
};

constexpr Line kLines[] = {
    {0, "youtube.com google.com gmail.com"},
    {1, "apple.com icloud.com tv.apple.com"},
    {2, "ameritrade.com tdameritrade.com"},
    {3, "bankofamerica.com bofa.com mbna.com"},
    {4, "sprint.com sprintpcs.com nextel.com"},
    {5, "wellsfargo.com wellsfargoadvisors.com wachovia.com wf.com"},
    {6, "mymerrill.com ml.com merrilledge.com"},
    {7, "citi.com citibank.com citibankonline.com citicards.com accountonline.com"},
    {8, "cnet.com cnettv.com download.com news.com search.com upload.com"},
    {9, "gap.com oldnavy.com bananarepublic.com piperlime.com athleta.com"},
    {10,
     "microsoft.com live.com outlook.com hotmail.com msn.com passport.net windows.com bing.com "
     "microsoftonline.com office.com office365.com microsoftstore.com xbox.com azure.com "
     "windowsazure.com cloud.microsoft"},
    {11, "united.com ual.com ua2go.com unitedwifi.com"},
    {12, "yahoo.com overture.com"},
    {13, "zonealarm.com zonelabs.com"},
    {14, "paypal.com paypal-search.com"},
    {15, "avon.com youravon.com"},
    {16, "diapers.com soap.com wag.com yoyo.com beautybar.com casa.com"},
    {17, "1800contacts.com 800contacts.com"},
    {18,
     "amazon.com amazon.ca amazon.co.jp amazon.co.uk amazon.co.za amazon.com.au amazon.com.be "
     "amazon.com.br amazon.com.mx amazon.com.tr amazon.ae amazon.cn amazon.de amazon.eg amazon.es "
     "amazon.fr amazon.ie amazon.in amazon.it amazon.nl amazon.pl amazon.sa amazon.se amazon.sg"},
    {19, "cox.com cox.net coxbusiness.com"},
    {20, "norton.com mynortonaccount.com"},
    {21, "verizon.com verizon.net"},
    {22, "rakuten.com buy.com"},
    {23, "siriusxm.com sirius.com"},
    {24, "ea.com origin.com play4free.com tiberiumalliance.com"},
    {25, "37signals.com basecamp.com basecamphq.com highrisehq.com"},
    {26, "steampowered.com steamcommunity.com steamgames.com"},
    {27, "chart.io chartio.com"},
    {28, "gotomeeting.com citrixonline.com"},
    {29, "gogoair.com gogoinflight.com"},
    {30, "oracle.com mysql.com"},
    {31, "discover.com discovercard.com"},
    {32, "dcu.org dcu-online.org"},
    {33, "healthcare.gov cuidadodesalud.gov cms.gov"},
    {34, "pepco.com pepcoholdings.com"},
    {35, "century21.com 21online.com"},
    {36, "comcast.com comcast.net xfinity.com"},
    {37, "cricketwireless.com aiowireless.com"},
    {38, "mtb.com mandtbank.com"},
    {39, "dropbox.com getdropbox.com"},
    {40, "snapfish.com snapfish.ca"},
    {41, "alibaba.com aliexpress.com aliyun.com net.cn"},
    {42, "playstation.com sonyentertainmentnetwork.com"},
    {43,
     "mercadolibre.com mercadolibre.cl mercadolibre.com.ar mercadolibre.com.co mercadolibre.com.mx "
     "mercadolibre.com.uy mercadolibre.com.ve mercadolivre.com mercadolivre.com.br"},
    {44, "zendesk.com zopim.com"},
    {45, "autodesk.com tinkercad.com"},
    {46, "rail-nation.com railnation.de railnation.ru trucknation.de traviangames.com"},
    {47, "wpcu.coop wpcuonline.com"},
    {48, "mathletics.com mathletics.com.au mathletics.co.uk"},
    {49, "discountbank.co.il telebank.co.il"},
    {50, "mi.com xiaomi.com"},
    {51, "postepay.it poste.it"},
    {52, "facebook.com messenger.com"},
    {53, "skysports.com skybet.com skyvegas.com"},
    {54, "disney.com go.com disneymoviesanywhere.com disneyplus.com"},
    {55, "pokemon.com pokemon-gl.com"},
    {56, "uvvu.com myuv.com"},
    {57, "yahavo.com bank-yahav.co.il"},
    {58, "mdsol.com imedidata.com"},
    {59, "sears.com sears.net"},
    {60, "xiami.com alipay.com"},
    {61, "belkin.com seedonk.com"},
    {62, "turbotax.com intuit.com"},
    {63, "shopify.com myshopify.com"},
    {64,
     "ebay.com ebay.at ebay.be ebay.ca ebay.ch ebay.cn ebay.co.jp ebay.co.th ebay.co.uk "
     "ebay.com.au ebay.com.hk ebay.com.my ebay.com.sg ebay.com.tw ebay.de ebay.es ebay.fr ebay.ie "
     "ebay.in ebay.it ebay.nl ebay.ph ebay.pl"},
    {65, "techdata.com techdata.ch"},
    {66, "schwab.com schwabplan.com"},
    {68, "tesla.com teslamotors.com"},
    {69, "morganstanley.com morganstanleyclientserv.com stockplanconnect.com ms.com"},
    {70, "taxact.com taxactonline.com"},
    {71,
     "wikipedia.org mediawiki.org wikibooks.org wikidata.org wikimedia.org wikinews.org "
     "wikiquote.org wikisource.org wikiversity.org wikivoyage.org wiktionary.org"},
    {72,
     "airbnb.com airbnb.at airbnb.be airbnb.ca airbnb.ch airbnb.cl airbnb.co.in airbnb.co.kr "
     "airbnb.co.nz airbnb.co.uk airbnb.com.au airbnb.com.br airbnb.com.mx airbnb.com.sg "
     "airbnb.com.tr airbnb.cz airbnb.de airbnb.dk airbnb.es airbnb.fi airbnb.fr airbnb.gr "
     "airbnb.hu airbnb.ie airbnb.it airbnb.jp airbnb.nl airbnb.no airbnb.pl airbnb.pt airbnb.se"},
    {73,
     "eventbrite.com eventbrite.at eventbrite.be eventbrite.ca eventbrite.ch eventbrite.co.nz "
     "eventbrite.co.uk eventbrite.com.ar eventbrite.com.au eventbrite.com.br eventbrite.com.mx "
     "eventbrite.de eventbrite.dk eventbrite.es eventbrite.fi eventbrite.fr eventbrite.hk "
     "eventbrite.ie eventbrite.it eventbrite.nl eventbrite.pt eventbrite.se eventbrite.sg"},
    {74,
     "stackexchange.com stackoverflow.com superuser.com serverfault.com askubuntu.com "
     "mathoverflow.net stackapps.com"},
    {75, "docusign.com docusign.net"},
    {76,
     "envato.com themeforest.net codecanyon.net videohive.net audiojungle.net graphicriver.net "
     "photodune.net 3docean.net"},
    {77, "x10hosting.com x10premium.com"},
    {78, "cisco.com dnsomatic.com opendns.com umbrella.com"},
    {79,
     "cedarfair.com cedarpoint.com carowinds.com kingsisland.com kingsdominion.com knotts.com "
     "dorneypark.com canadaswonderland.com visitkingsisland.com worldsoffun.com"},
    {80, "ubnt.com ui.com"},
    {81, "discord.com discordapp.com"},
    {82, "netcup.de netcup.eu customercontrolpanel.de"},
    {83,
     "yandex.com ya.ru yandex.az yandex.by yandex.co.il yandex.com.am yandex.com.ge yandex.com.tr "
     "yandex.ee yandex.fr yandex.kg yandex.kz yandex.lt yandex.lv yandex.md yandex.ru yandex.tj "
     "yandex.tm yandex.ua yandex.uz"},
    {84, "sonyentertainmentnetwork.com sony.com"},
    {85, "proton.me protonmail.com protonvpn.com"},
    {86, "ubisoft.com ubi.com"},
    {87, "wise.com transferwise.com"},
    {88,
     "takeaway.com just-eat.dk just-eat.no just-eat.fr just-eat.ch lieferando.de lieferando.at "
     "thuisbezorgd.nl pyszne.pl"},
    {89, "atlassian.com bitbucket.org trello.com statuspage.io atlassian.net jira.com"},
    {90,
     "pinterest.com pinterest.at pinterest.ca pinterest.ch pinterest.cl pinterest.co.kr "
     "pinterest.co.uk pinterest.com.au pinterest.com.mx pinterest.de pinterest.dk pinterest.es "
     "pinterest.fr pinterest.ie pinterest.it pinterest.jp pinterest.nz pinterest.ph pinterest.pt "
     "pinterest.se"},
};

constexpr std::size_t countDomains() {
  std::size_t count = 0;
  for (const Line& line : kLines) {
    ++count;
    for (const char c : line.domains) count += c == ' ' ? 1 : 0;
  }
  return count;
}

// All domains side by side, in the order of the lines.
constexpr auto kDomains = [] {
  std::array<std::string_view, countDomains()> domains{};
  std::size_t next = 0;
  for (const Line& line : kLines) {
    std::string_view rest = line.domains;
    for (auto blank = rest.find(' '); blank != std::string_view::npos; blank = rest.find(' ')) {
      domains[next++] = rest.substr(0, blank);
      rest.remove_prefix(blank + 1);
    }
    domains[next++] = rest;
  }
  return domains;
}();

constexpr auto kGroups = [] {
  std::array<DomainGroup, std::size(kLines)> groups{};
  std::size_t begin = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t count = 1;
    for (const char c : kLines[i].domains) count += c == ' ' ? 1 : 0;
    groups[i] = {kLines[i].type, std::span(kDomains).subspan(begin, count)};
    begin += count;
  }
  return groups;
}();

}  // namespace

std::span<const DomainGroup> globalDomainGroups() { return kGroups; }

}  // namespace coffer::vault
